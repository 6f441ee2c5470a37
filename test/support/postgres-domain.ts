import { join } from 'node:path';
import pino from 'pino';
import { readConfig } from '../../server/config.ts';
import { openPostgres } from '../../server/stores/postgres.ts';
import { openSignals } from '../../server/stores/signals.ts';
import type { Stores } from '../../server/stores/stores.ts';
import { temporaryDirectory } from './temporary.ts';

export type PostgresDomain = AsyncDisposable & { stores: Pick<Stores, 'db' | 'log' | 'signals'> };

/** PostgreSQL alone, of the environment or embedded: quicker to start than all stores. */
export async function openPostgresDomain(): Promise<PostgresDomain> {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const config = readConfig(process.env);
  const postgres = opened.use(
    await openPostgres(
      config.postgres
        ? { kind: 'server', url: config.postgres.url, pool: { ...config.pool, max: 5 } }
        : { kind: 'embedded', directory: join(directory.path, 'postgres') },
    ),
  );
  await postgres.migrate();
  const log = pino({ level: 'silent' });
  const signals = await openSignals(postgres.broadcast, log);
  const closing = opened.move();
  return { stores: { db: postgres.db, log, signals }, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
