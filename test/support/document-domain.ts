import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pino from 'pino';
import { topologies, users, workspaceMembers, workspaces } from '../../drizzle/schema/index.ts';
import { readConfig } from '../../server/config.ts';
import type { Actor } from '../../server/features/actor.ts';
import { documentDatabases, type Follower, followContext } from '../../server/features/context/index.ts';
import { startRelay } from '../../server/outbox/relay.ts';
import { type DocumentStore, type DocumentsAddress, openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { openObjects } from '../../server/stores/objects.ts';
import { openPostgres } from '../../server/stores/postgres.ts';
import { openSignals } from '../../server/stores/signals.ts';
import type { Stores } from '../../server/stores/stores.ts';
import { temporaryDirectory } from './temporary.ts';

/** Stores of the environment, or embedded ones, with the relay, the follower and a workspace that no other test has. */
export async function openDocumentDomain() {
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
  const address = config.documents ?? (await startCouch(opened, join(directory.path, 'documents')));
  const documents = openDocuments(address);
  for (const [database, designs] of Object.entries(documentDatabases)) {
    await documents.ensureDatabase(database, designs);
  }
  // No document needs an object: this address is never asked.
  const nowhere = 'http://127.0.0.1:1';
  const objects = openObjects({
    endpoint: nowhere,
    publicEndpoint: nowhere,
    accessKey: 'none',
    secretKey: 'none',
    region: 'us-east-1',
  });
  const log = pino({ level: 'silent' });
  const signals = await openSignals(postgres.broadcast, log);
  const relay = opened.use(startRelay({ db: postgres.db, objects, documents, log, signals }));
  const stores: Stores = { db: postgres.db, objects, documents, log, signals, wakeRelay: relay.wake };
  const follower: Follower = opened.use(followContext(stores));
  const actor = await aMember(stores);
  const closing = opened.move();
  return {
    stores,
    address,
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
  const { endpoint } = opened.use(await startEmbeddedDocuments({ directory, user, password }));
  return { url: endpoint, user, password };
}

/** A member of a workspace of their own, or of the workspace given. */
export async function aMember(
  { db }: Pick<Stores, 'db'>,
  workspaceId?: number,
  role: Actor['role'] = 'editor',
): Promise<Actor> {
  const name = `w${randomUUID()}`;
  const [user] = await db
    .insert(users)
    .values({ username: name, email: `${name}@example.org` })
    .returning();
  const [workspace] =
    workspaceId === undefined
      ? await db
          .insert(workspaces)
          .values({ name, objectPrefix: `${name}/` })
          .returning()
      : [{ id: workspaceId }];
  if (!workspace || !user) throw new Error('The insert answered no row.');
  await db.insert(workspaceMembers).values({ workspaceId: workspace.id, userId: user.id, role });
  return { userId: user.id, workspaceId: workspace.id, role, isAdmin: false, tokenId: randomUUID() };
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
