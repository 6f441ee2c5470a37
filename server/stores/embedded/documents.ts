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
  const PouchDB = require('pouchdb').defaults({ prefix: `${options.directory}${sep}` });
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
  return listenOnLoopback(app, options.preferredPort);
}

const digest = (text: string) => createHash('sha256').update(text).digest();
