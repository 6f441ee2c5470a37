import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** A migrated, empty database of its own on the same PostgreSQL, so that each side of a comparison begins alike. */
export async function freshDatabase(url: string): Promise<AsyncDisposable & { url: string }> {
  const name = `nexus_bench_${randomUUID().replaceAll('-', '')}`;
  const admin = postgres(url, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${name}`);
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
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
