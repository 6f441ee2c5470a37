import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';
import { NexusError } from '../errors.ts';
import { type DocumentStore, openDocuments } from './documents.ts';
import { isNoRoom } from './embedded/checked-database.ts';
import { type DataDirectory, openDataDirectory } from './embedded/data-directory.ts';
import { noRoom, refuseFewOpenFiles } from './embedded/disk.ts';
import { type Installation, readInstallation } from './installation.ts';
import { type ObjectStore, openObjects } from './objects.ts';
import { openPostgres, type PostgresStore, translatePostgresError } from './postgres.ts';
import { resilient } from './resilience.ts';

export type OpenStores = AsyncDisposable & {
  directory: DataDirectory;
  postgres: PostgresStore;
  objects: ObjectStore;
  documents: DocumentStore;
  embedded: { postgres: boolean; objects: boolean; documents: boolean };
};

/**
 * The switch: for each store the address that the environment names, or the embedded one in the data directory.
 * Nothing above this folder knows which. `statementMs`: what a statement may take that says nothing else. Throws `conflict` where another server has the data directory.
 */
export async function openStores(
  config: Config,
  log: Logger = pino({ level: 'silent' }),
  statementMs?: number,
): Promise<OpenStores> {
  await using opened = new AsyncDisposableStack();
  if (!config.postgres || !config.objects || !config.documents) refuseFewOpenFiles();
  const directory = opened.use(await openDataDirectory(config.dataDirectory, log));
  const [documentsOf, postgres] = await Promise.all([
    locateDocuments(config, directory, opened, log),
    openPostgresAt(config, directory, log, statementMs),
  ]);
  opened.use(postgres);
  await postgres.migrate();
  // After the rows: they say where in the stores this installation's objects and documents lie.
  const installation = await readInstallation(postgres.db, log);
  const objects = await openObjectsAt(config, { directory, opened, log, installation });
  const documents = documentsOf(installation);
  const closing = opened.move();
  return {
    directory,
    postgres,
    objects,
    documents,
    embedded: { postgres: !config.postgres, objects: !config.objects, documents: !config.documents },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/**
 * PostgreSQL and CouchDB alone. Where the environment names both it needs no data directory, so that a server may have it
 * meanwhile. Throws `conflict` where one is embedded and a server runs.
 */
export async function openDocumentStores(
  config: Config,
): Promise<AsyncDisposable & Pick<OpenStores, 'postgres' | 'documents'>> {
  if (!config.postgres || !config.documents) return openStores(config);
  await using opened = new AsyncDisposableStack();
  const postgres = opened.use(await openPostgres({ kind: 'server', url: config.postgres.url, pool: config.pool }));
  const { documents: place } = await readInstallation(postgres.db, pino({ level: 'silent' }));
  const closing = opened.move();
  return {
    postgres,
    documents: openDocuments(config.documents, place),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** PostgreSQL alone, its schema up to date. Of the embedded one no server may be running: `conflict` says which is. */
export async function openPostgresAlone(config: Config, log: Logger): Promise<PostgresStore> {
  await using opened = new AsyncDisposableStack();
  if (!config.postgres) refuseFewOpenFiles();
  const directory = config.postgres ? undefined : opened.use(await openDataDirectory(config.dataDirectory, log));
  const postgres = opened.use(await openPostgresAt(config, directory, log));
  await postgres.migrate();
  const closing = opened.move();
  return { ...postgres, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Translates a store's failure for whoever started the program; undefined where no store failed. */
export function translateStoreError(error: unknown): NexusError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof NexusError) return at;
    if (isNoRoom(at)) return noRoom('directory', 'the data directory', 'cannot be written to', error);
  }
  return translatePostgresError(error);
}

function openPostgresAt(
  config: Config,
  directory: DataDirectory | undefined,
  log: Logger,
  statementMs?: number,
): Promise<PostgresStore> {
  return openPostgres(
    config.postgres
      ? {
          kind: 'server',
          url: config.postgres.url,
          pool: config.pool,
          log,
          ...(statementMs !== undefined && { statementMs }),
        }
      : { kind: 'embedded', directory: join(directory?.path ?? config.dataDirectory, 'postgres'), log },
  );
}

async function openObjectsAt(
  config: Config,
  {
    directory,
    opened,
    log,
    installation,
  }: { directory: DataDirectory; opened: AsyncDisposableStack; log: Logger; installation: Installation },
): Promise<ObjectStore> {
  if (config.objects) {
    return resilient(openObjects({ ...config.objects, region: config.region }, installation.objects), {
      name: 'objects',
      title: 'The object store',
      log,
      unwatched: ['presignGet', 'presignPut', 'presignPart'],
      repeatable: [
        'find',
        'read',
        'readRange',
        'remove',
        'listKeys',
        'listSizes',
        'listUploads',
        'listParts',
        'abortMultipart',
      ],
    });
  }
  const { startEmbeddedObjects } = await import('./embedded/objects.ts');
  const { s3AccessKey: accessKey, s3SecretKey: secretKey } = directory.secrets;
  const server = opened.use(
    await startEmbeddedObjects({
      directory: join(directory.path, 'objects'),
      accessKey,
      secretKey,
      region: config.region,
      preferredPort: await lastPort(directory, 'objects.port'),
      log,
    }),
  );
  await directory.writeSecret('objects.port', String(server.port));
  const { endpoint } = server;
  return openObjects(
    { endpoint, publicEndpoint: endpoint, accessKey, secretKey, region: config.region },
    installation.objects,
  );
}

/** Opens CouchDB for an installation; the embedded one, which nobody shares, is started at once. */
async function locateDocuments(
  config: Config,
  directory: DataDirectory,
  opened: AsyncDisposableStack,
  log: Logger,
): Promise<(installation: Installation) => DocumentStore> {
  const { documents: address } = config;
  if (address) {
    return (installation) =>
      resilient(openDocuments(address, installation.documents), {
        name: 'documents',
        title: 'CouchDB',
        log,
        unwatched: ['changes'],
        local: ['inTurn'],
        repeatable: ['find', 'findMany', 'view', 'range', 'remove'],
      });
  }
  const { startEmbeddedDocuments } = await import('./embedded/documents.ts');
  const { couchUser: user, couchPassword: password } = directory.secrets;
  const server = opened.use(
    await startEmbeddedDocuments({ directory: join(directory.path, 'documents'), user, password, log }),
  );
  const documents = openDocuments({ url: server.endpoint, user, password });
  const prepare: DocumentStore['prepare'] = (databases) => {
    server.know(databases);
    return documents.prepare(databases);
  };
  return () => ({ ...documents, prepare });
}

async function lastPort(directory: DataDirectory, name: string): Promise<number | undefined> {
  const port = Number(await directory.readText(name));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}
