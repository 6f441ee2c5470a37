import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll } from 'vitest';

// On a real PostgreSQL each file of tests has a database of its own: its object store and its CouchDB are its own too, and
// servers that share a database must share those, for each applies the effects that any of them decided.
const shared = process.env.DATABASE_URL;
if (shared) {
  const name = `nexus_test_${randomUUID().replaceAll('-', '')}`;
  const admin = postgres(shared, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  const own = new URL(shared);
  own.pathname = `/${name}`;
  process.env.DATABASE_URL = own.href;
  afterAll(async () => {
    const last = postgres(shared, { max: 1, onnotice: () => undefined });
    await last.unsafe(`drop database if exists ${name} with (force)`);
    await last.end();
    process.env.DATABASE_URL = shared;
  });
}
