/** A CouchDB for `npm run bench -- context` where COUCHDB_URL names none: PouchDB's server, with Mango for the reference. */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import express from 'express';

const require = createRequire(import.meta.url);
const directory = mkdtempSync(join(tmpdir(), 'nexus-bench-couch-'));
const PouchDB = require('pouchdb').defaults({ prefix: `${directory}${sep}` });
const app = express();
app.get('/_up', (_request, response) => {
  response.json({ status: 'ok' });
});
const options = {
  mode: 'minimumForPouchDB',
  overrideMode: { include: ['routes/find'], exclude: ['compression'] },
  inMemoryConfig: true,
};
app.use(require('express-pouchdb')(PouchDB, options));
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`listening http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', async () => {
  await rm(directory, { recursive: true, force: true });
  process.exit(0);
});
