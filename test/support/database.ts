import { randomUUID } from 'node:crypto';
import postgres from 'postgres';

/** A new, empty database on the server of `shared`; it is dropped at the end, whoever is still connected. */
export async function newDatabase(shared: string): Promise<{ url: string } & AsyncDisposable> {
  const name = `nexus_test_${randomUUID().replaceAll('-', '')}`;
  const run = async (statement: string) => {
    const admin = postgres(shared, { max: 1, onnotice: () => undefined });
    await admin.unsafe(statement).finally(() => admin.end());
  };
  await run(`create database ${name}`);
  const own = new URL(shared);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    [Symbol.asyncDispose]: () => run(`drop database if exists ${name} with (force)`),
  };
}
