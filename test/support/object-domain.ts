import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as nextPoll } from 'node:timers/promises';
import { and, eq, sql } from 'drizzle-orm';
import pino from 'pino';
import { z } from 'zod';
import { storedObjects, topologies } from '../../drizzle/schema/index.ts';
import { readConfig } from '../../server/config.ts';
import { documentDatabases } from '../../server/features/context/index.ts';
import { buckets, readSmallObject, requireReadyRow } from '../../server/features/objects/index.ts';
import { startRelay } from '../../server/outbox/relay.ts';
import type { Actor } from '../../server/procedure/actor.ts';
import { openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { type Place, readInstallation } from '../../server/stores/installation.ts';
import { type ObjectStore, openObjects } from '../../server/stores/objects.ts';
import { rows } from '../../server/stores/postgres.ts';
import type { ObjectsAddress } from '../../server/stores/s3-client.ts';
import { openSignals } from '../../server/stores/signals.ts';
import type { Stores } from '../../server/stores/stores.ts';
import { aMember } from './members.ts';
import { openTestPostgres } from './postgres-domain.ts';
import { temporaryDirectory } from './temporary.ts';

/**
 * Stores of the environment, or embedded ones, with two workspaces that no other test has. With `shared` it is an
 * installation by itself, with a database of its own, in buckets that others have too.
 */
export async function openObjectDomain(shared?: { address: ObjectsAddress; place: Place }) {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const config = readConfig(process.env);
  const itsConfig = shared ? { ...config, postgres: undefined } : config;
  const postgres = opened.use(await openTestPostgres(itsConfig, join(directory.path, 'postgres')));
  const address = shared?.address ?? (await addressOf(opened, join(directory.path, 'objects')));
  const objects = openObjects(address, shared?.place);
  await objects.prepare(buckets);
  const log = pino({ level: 'silent' });
  const { documents: place } = await readInstallation(postgres.db, log);
  const nowhere = { url: 'http://127.0.0.1:1', user: 'nobody', password: 'none' };
  const documents = openDocuments(config.documents ?? nowhere, config.documents && place);
  if (config.documents) await documents.prepare(documentDatabases);
  const signals = await openSignals(postgres.broadcast, log);
  const relay = opened.use(startRelay({ db: postgres.db, objects, documents, log, signals }));
  const stores: Stores = { db: postgres.db, objects, documents, log, signals, wakeRelay: relay.wake };
  const actor = await aMember(stores);
  const otherActor = await aMember(stores);
  const closing = opened.move();
  return {
    stores,
    actor,
    otherActor,
    /** Until no effect of these workspaces is left, those included that the relay's own loop has in hand. */
    async drained() {
      const query = sql`select count(*)::float8 as count from outbox where workspace_id in (${actor.workspaceId}, ${otherActor.workspaceId})`;
      for (let round = 0; round < 500; round += 1) {
        await relay.drain();
        const [left] = await rows(postgres.db, query, z.object({ count: z.number() }));
        if (left?.count === 0) return;
        await nextPoll(10);
      }
      throw new Error('Effects are left in the outbox.');
    },
    prefix: await prefixOf(stores, actor),
    /** Ends the time of this workspace's pending uploads, and what calls hold of them; those of other tests go on. */
    pendingAreOver: () =>
      postgres.db
        .update(storedObjects)
        .set({ expiresAt: new Date(0), claimedAt: null })
        .where(and(eq(storedObjects.workspaceId, actor.workspaceId), eq(storedObjects.status, 'pending'))),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
export type ObjectDomain = Awaited<ReturnType<typeof openObjectDomain>>;

/** The object store of the environment, or an embedded one. */
export async function addressOf(opened: AsyncDisposableStack, directory: string): Promise<ObjectsAddress> {
  const config = readConfig(process.env);
  if (config.objects) return { ...config.objects, region: config.region };
  const [accessKey, secretKey] = [randomUUID(), randomUUID()];
  const { endpoint } = opened.use(await startEmbeddedObjects({ directory, accessKey, secretKey }));
  return { endpoint, publicEndpoint: endpoint, accessKey, secretKey, region: 'us-east-1' };
}

async function prefixOf({ db }: Stores, actor: Actor): Promise<string> {
  const query = sql`select object_prefix as prefix from workspaces where id = ${actor.workspaceId}`;
  const [row] = await rows(db, query, z.object({ prefix: z.string() }));
  return row?.prefix ?? '';
}

export async function aTopology({ db }: Stores, actor: Actor): Promise<{ id: number }> {
  const [row] = await db
    .insert(topologies)
    .values({ workspaceId: actor.workspaceId, name: `t-${randomUUID()}`, architecture: 'transformer', config: {} })
    .returning({ id: topologies.id });
  if (!row) throw new Error('The insert answered no row.');
  return row;
}

/** The bytes of a ready object, as the server itself reads them. */
export const bytesOf = async ({ stores, actor }: ObjectDomain, id: string) =>
  readSmallObject(stores, actor, await requireReadyRow(stores.db, actor, id));

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A store may refuse before it has read the body and hang up, so that its answer is lost with the connection: again then. */
export async function put(
  url: string,
  bytes: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch(url, { method: 'PUT', body: bytes, headers });
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

/** A store that counts or replaces calls; what is not given is the real one. */
export const withObjects = (stores: Stores, changed: Partial<ObjectStore>): Stores => ({
  ...stores,
  objects: { ...stores.objects, ...changed },
});
