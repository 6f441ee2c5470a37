import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { Logger } from 'pino';
import { openPglite } from './pglite.ts';
import { keepTidy } from './tidy-postgres.ts';

/** A segment that a checkpoint needs no more is removed: nothing else here would ever make the log smaller. */
const settings = ['wal_recycle=off', 'min_wal_size=32MB'];

/**
 * The PostgreSQL in this process, its files their owner's alone, which tidies up by itself until it is disposed of. `prepare`
 * sets up each session. Throws as `openPglite` does.
 */
export async function openPostgresFiles(
  directory: string,
  prepare: (client: PGlite) => Promise<void>,
  log?: Logger,
): Promise<AsyncDisposable & { client: PGlite }> {
  const startParams = [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ['-c', setting])];
  const { client, close } = await openPglite(directory, { extensions: { vector }, startParams }, prepare, log);
  await closeFilesToOthers(directory);
  const tidy = keepTidy(client, log);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await tidy[Symbol.asyncDispose]();
      await close();
    },
  };
}

/** It makes its files readable and writable for everybody, unless the process's umask says otherwise, as the program's does. */
async function closeFilesToOthers(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o700);
    else if (entry.isFile()) await chmod(path, 0o600);
  }
}
