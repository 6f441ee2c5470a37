import { join } from 'node:path';
import pino from 'pino';
import { type Config, readConfig } from '../../server/config.ts';
import { openPostgres, type PostgresStore } from '../../server/stores/postgres.ts';
import { openSignals } from '../../server/stores/signals.ts';
import type { Stores } from '../../server/stores/stores.ts';
import { temporaryDirectory } from './temporary.ts';

/** The PostgreSQL of the settings, or an embedded one in the directory, with the schema of today. */
export async function openTestPostgres(config: Config, directory: string): Promise<PostgresStore> {
  const postgres = await openPostgres(
    config.postgres
      ? { kind: 'server', url: config.postgres.url, pool: { ...config.pool, max: 5 } }
      : { kind: 'embedded', directory },
  );
  await postgres.migrate();
  return postgres;
}

export type PostgresDomain = AsyncDisposable & { stores: Pick<Stores, 'db' | 'log' | 'signals'> };

/** PostgreSQL alone, of the environment or embedded: quicker to start than all stores. */
export async function openPostgresDomain(): Promise<PostgresDomain> {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const config = readConfig(process.env);
  const postgres = opened.use(await openTestPostgres(config, join(directory.path, 'postgres')));
  const log = pino({ level: 'silent' });
  const signals = await openSignals(postgres.broadcast, log);
  const closing = opened.move();
  return { stores: { db: postgres.db, log, signals }, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
