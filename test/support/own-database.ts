import { afterAll } from 'vitest';
import { newDatabase } from './database.ts';

// On a real PostgreSQL each file of tests has a database of its own: its object store and its CouchDB are its own too, and
// servers that share a database must share those, for each applies the effects that any of them decided.
const shared = process.env.DATABASE_URL;
if (shared) {
  const own = await newDatabase(shared);
  process.env.DATABASE_URL = own.url;
  afterAll(async () => {
    await own[Symbol.asyncDispose]();
    process.env.DATABASE_URL = shared;
  });
}
