import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import express from 'express';
import { type Listening, listenOnLoopback } from './listen.ts';

const require = createRequire(import.meta.url);

/** CouchDB's protocol on loopback, by PouchDB with its files in `directory`, behind Basic auth. Views, no Mango. */
export async function startEmbeddedDocuments(options: {
  directory: string;
  user: string;
  password: string;
  preferredPort?: number | undefined;
}): Promise<Listening> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const Pouch = require('pouchdb');
  const prefix = `${options.directory}${sep}`;
  const PouchDB = Pouch.defaults({ prefix });
  // Whatever it opens, the files of its views too, is to be closed with it, or LevelDB keeps the directory for itself.
  const open = new Set<PouchDatabase>();
  // All PouchDBs of a process tell one emitter; its listeners are to go as well.
  const listeners: [event: string, listener: (database: PouchDatabase) => void][] = [];
  PouchDB.on = (...listener: (typeof listeners)[number]) => {
    listeners.push(listener);
    Pouch.on(...listener);
    return PouchDB;
  };
  PouchDB.on('ref', (database: PouchDatabase) => database.__opts.prefix === prefix && open.add(database));
  PouchDB.on('unref', (database: PouchDatabase) => open.delete(database));
  const app = express();
  const expected = digest(`Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`);
  app.use((request, response, next) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return next();
    response.status(401).json({ error: 'unauthorized', reason: 'Name or password is incorrect.' });
  });
  app.use((request, response, next) => {
    // PouchDB makes a folder of any name; CouchDB takes these alone, and `_…` are its own services, not databases.
    const [, database = ''] = request.path.split('/');
    if (database === '' || database === '_up' || /^(?!pouch__)[a-z][a-z0-9_$()+-]*$/.test(database)) return next();
    response.status(404).json({ error: 'not_found', reason: 'There is no such database or service.' });
  });
  app.get('/_up', (_request, response) => {
    response.json({ status: 'ok' });
  });
  // Without the modes that show or change its configuration, and without compression, which holds `_changes` back.
  app.use(
    require('express-pouchdb')(PouchDB, {
      mode: 'minimumForPouchDB',
      overrideMode: { exclude: ['compression', 'routes/temp-views'] },
      inMemoryConfig: true,
    }),
  );
  const listening = await listenOnLoopback(app, options.preferredPort);
  return {
    ...listening,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      // A database closes its views itself; closing one of them again is refused, which is as good.
      await Promise.allSettled([...open].map((database) => database.close()));
      for (const [event, listener] of listeners) Pouch.removeListener(event, listener);
    },
  };
}

type PouchDatabase = { __opts: { prefix?: string }; close(): Promise<void> };

const digest = (text: string) => createHash('sha256').update(text).digest();
