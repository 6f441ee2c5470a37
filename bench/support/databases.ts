import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/**
 * A migrated, empty database of its own on the same PostgreSQL, so that each side of a comparison begins alike. `kept` names
 * one that stays for the next run, which finds it as it was left.
 */
export async function freshDatabase(url: string, kept?: string): Promise<AsyncDisposable & { url: string }> {
  if (kept !== undefined && !/^[a-z_]{1,40}$/.test(kept))
    throw new Error(`--keep ${kept}: use a to z and _, at most 40.`);
  const name = kept === undefined ? `nexus_bench_${randomUUID().replaceAll('-', '')}` : `nexus_bench_${kept}`;
  const admin = postgres(url, { max: 1, onnotice: () => undefined });
  const isThere = (await admin`select 1 from pg_database where datname = ${name}`).length > 0;
  if (!isThere) await admin.unsafe(`create database ${name}`);
  const address = new URL(url);
  address.pathname = `/${name}`;
  const client = postgres(address.href, { max: 1, onnotice: () => undefined });
  await migrate(drizzle({ client }), {
    migrationsFolder: fileURLToPath(new URL('../../drizzle/migrations', import.meta.url)),
  });
  await client.end();
  return {
    url: address.href,
    async [Symbol.asyncDispose]() {
      if (kept === undefined) await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
