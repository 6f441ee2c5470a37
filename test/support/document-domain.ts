import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pino from 'pino';
import { topologies } from '../../drizzle/schema/index.ts';
import { readConfig } from '../../server/config.ts';
import { documentDatabases, type Follower, followContext } from '../../server/features/context/index.ts';
import { startRelay } from '../../server/outbox/relay.ts';
import type { Actor } from '../../server/procedure/actor.ts';
import { type DocumentStore, type DocumentsAddress, openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { readInstallation } from '../../server/stores/installation.ts';
import { openObjects } from '../../server/stores/objects.ts';
import { openSignals } from '../../server/stores/signals.ts';
import type { Stores } from '../../server/stores/stores.ts';
import { aMember } from './members.ts';
import { openTestPostgres } from './postgres-domain.ts';
import { temporaryDirectory } from './temporary.ts';

/** Stores of the environment, or embedded ones, with the relay, the follower and a workspace that no other test has. */
export async function openDocumentDomain() {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const config = readConfig(process.env);
  const postgres = opened.use(await openTestPostgres(config, join(directory.path, 'postgres')));
  const address = config.documents ?? (await startCouch(opened, join(directory.path, 'documents')));
  const log = pino({ level: 'silent' });
  const documents = openDocuments(address, (await readInstallation(postgres.db, log)).documents);
  await documents.prepare(documentDatabases);
  const { documents: place } = await readInstallation(postgres.db, log);
  // No document needs an object: this address is never asked.
  const nowhere = 'http://127.0.0.1:1';
  const objects = openObjects({
    endpoint: nowhere,
    publicEndpoint: nowhere,
    accessKey: 'none',
    secretKey: 'none',
    region: 'us-east-1',
  });
  const signals = await openSignals(postgres.broadcast, log);
  const relay = opened.use(startRelay({ db: postgres.db, objects, documents, log, signals }));
  const stores: Stores = { db: postgres.db, objects, documents, log, signals, wakeRelay: relay.wake };
  const follower: Follower = opened.use(followContext(stores));
  const actor = await aMember(stores);
  const closing = opened.move();
  return {
    stores,
    address,
    /** For another client of the same documents. */
    place,
    relay,
    follower,
    /** An editor, who is no admin. */
    actor,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
export type DocumentDomain = Awaited<ReturnType<typeof openDocumentDomain>>;

async function startCouch(opened: AsyncDisposableStack, directory: string): Promise<DocumentsAddress> {
  const [user, password] = ['nexus', randomUUID()];
  const server = opened.use(await startEmbeddedDocuments({ directory, user, password }));
  server.know(documentDatabases);
  return { url: server.endpoint, user, password };
}

export async function aTopology({ db }: Stores, actor: Actor): Promise<number> {
  const [row] = await db
    .insert(topologies)
    .values({ workspaceId: actor.workspaceId, name: `t-${randomUUID()}`, architecture: 'transformer', config: {} })
    .returning({ id: topologies.id });
  if (!row) throw new Error('The insert answered no row.');
  return row.id;
}

/** A document store some of whose calls are replaced; the others are the real ones. */
export const withDocuments = (stores: Stores, changed: Partial<DocumentStore>): Stores => ({
  ...stores,
  documents: { ...stores.documents, ...changed },
});
