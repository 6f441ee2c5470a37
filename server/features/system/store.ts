import { and, asc, eq, gt, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { contextIndex, outbox, storedObjects, topologies, workspaces } from '../../../drizzle/schema/index.ts';
import { NexusError } from '../../errors.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import type { Effect, OutboxInput } from './contract.ts';

export async function pingPostgres(db: Database): Promise<void> {
  await rows(db, sql`select 1::int as one`, z.object({ one: z.number() }));
}

/** The same; throws `insufficient_storage` where it answers, but takes no writes. */
export async function pingWritable(db: Database): Promise<void> {
  const query = sql`select current_setting('transaction_read_only') = 'on' as "isReadOnly"`;
  const [row] = await rows(db, query, z.object({ isReadOnly: z.boolean() }));
  if (!row?.isReadOnly) return;
  throw new NexusError('insufficient_storage', 'PostgreSQL takes no writes.', { details: { store: 'postgres' } });
}

export type OutboxDepth = { waiting: number; parked: number; lagSeconds: number };

export async function countOutbox(db: Database): Promise<OutboxDepth> {
  const [row] = await rows(
    db,
    sql`select count(*) filter (where parked_at is null)::int as waiting, count(parked_at)::int as parked,
      coalesce(extract(epoch from now() - min(created_at) filter (where parked_at is null)), 0)::float8 as "lagSeconds"
      from outbox`,
    z.object({ waiting: z.number(), parked: z.number(), lagSeconds: z.number() }),
  );
  return row ?? { waiting: 0, parked: 0, lagSeconds: 0 };
}

/** Uploads of every workspace that were begun and are not complete. */
export const countPending = (db: Database): Promise<number> =>
  db.$count(storedObjects, eq(storedObjects.status, 'pending'));

const parkedOf = (ids: readonly number[]) => and(inArray(outbox.id, [...ids]), isNotNull(outbox.parkedAt));

/** Effects of all workspaces, in the order in which they were decided. */
export function selectEffects(
  db: Database,
  { isParked, limit }: OutboxInput,
  after: number | undefined,
): Promise<Effect[]> {
  const narrowed = isParked === undefined ? undefined : isParked ? isNotNull(outbox.parkedAt) : isNull(outbox.parkedAt);
  return db
    .select()
    .from(outbox)
    .where(and(narrowed, after === undefined ? undefined : gt(outbox.id, after)))
    .orderBy(asc(outbox.id))
    .limit(limit + 1);
}

export async function unparkEffects(tx: Transaction, ids: readonly number[]): Promise<number[]> {
  const found = await tx
    .update(outbox)
    .set({ parkedAt: null, attempts: 0, availableAt: sql`now()` })
    .where(parkedOf(ids))
    .returning({ id: outbox.id });
  return found.map(({ id }) => id);
}

export async function deleteParked(
  tx: Transaction,
  ids: readonly number[],
): Promise<{ id: number; kind: string; entity: string }[]> {
  return tx.delete(outbox).where(parkedOf(ids)).returning({ id: outbox.id, kind: outbox.kind, entity: outbox.entity });
}

export type Workspace = { id: number; prefix: string };

export const selectWorkspaces = (db: Database): Promise<Workspace[]> =>
  db.select({ id: workspaces.id, prefix: workspaces.objectPrefix }).from(workspaces);

export type PlacedRow = {
  id: string;
  workspaceId: number;
  key: string;
  sizeBytes: number;
  status: 'pending' | 'ready';
};

const placed = {
  id: storedObjects.id,
  workspaceId: storedObjects.workspaceId,
  key: storedObjects.storedKey,
  sizeBytes: storedObjects.sizeBytes,
  status: storedObjects.status,
};

/** The rows whose bytes lie at these places of a bucket; several may share one. */
export async function selectRowsAt(
  db: Database,
  bucket: string,
  places: readonly { workspaceId: number; key: string }[],
): Promise<PlacedRow[]> {
  const byWorkspace = new Map<number, string[]>();
  for (const { workspaceId, key } of places)
    byWorkspace.set(workspaceId, [...(byWorkspace.get(workspaceId) ?? []), key]);
  if (byWorkspace.size === 0) return [];
  const isOne = [...byWorkspace].map(([workspaceId, keys]) =>
    and(eq(storedObjects.workspaceId, workspaceId), inArray(storedObjects.storedKey, keys)),
  );
  return db
    .select(placed)
    .from(storedObjects)
    .where(and(eq(storedObjects.storedBucket, bucket), or(...isOne)));
}

/** Which of these uploads are pending. */
export async function selectPendingIds(db: Database, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const isPending = and(inArray(storedObjects.id, [...ids]), eq(storedObjects.status, 'pending'));
  return new Set((await db.select({ id: storedObjects.id }).from(storedObjects).where(isPending)).map(({ id }) => id));
}

/** Which of these multipart uploads are those of pending rows. */
export async function selectPendingUploads(db: Database, uploadIds: readonly string[]): Promise<Set<string>> {
  if (uploadIds.length === 0) return new Set();
  const isPending = and(eq(storedObjects.status, 'pending'), inArray(storedObjects.uploadId, [...uploadIds]));
  const found = await db.select({ uploadId: storedObjects.uploadId }).from(storedObjects).where(isPending);
  return new Set(found.flatMap(({ uploadId }) => uploadId ?? []));
}

export const selectReadyRows = (db: Database, after: string, limit: number) =>
  db
    .select({ ...placed, bucket: storedObjects.storedBucket })
    .from(storedObjects)
    .where(and(eq(storedObjects.status, 'ready'), gt(storedObjects.id, after)))
    .orderBy(asc(storedObjects.id))
    .limit(limit);

export async function findReadyRow(db: Database, id: string): Promise<boolean> {
  const isIt = and(eq(storedObjects.id, id), eq(storedObjects.status, 'ready'));
  return (await db.$count(storedObjects, isIt)) > 0;
}

export const selectIndexRows = (db: Database, after: readonly [number, string], limit: number) =>
  db
    .select({ workspaceId: contextIndex.workspaceId, documentId: contextIndex.documentId })
    .from(contextIndex)
    .where(sql`(${contextIndex.workspaceId}, ${contextIndex.documentId}) > (${after[0]}, ${after[1]})`)
    .orderBy(asc(contextIndex.workspaceId), asc(contextIndex.documentId))
    .limit(limit);

/** `workspace/document` of those that are in the index. */
export async function selectIndexed(db: Database, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const found = await db
    .select({ workspaceId: contextIndex.workspaceId, documentId: contextIndex.documentId })
    .from(contextIndex)
    .where(inArray(contextIndex.documentId, [...ids]));
  return new Set(found.map(({ workspaceId, documentId }) => `${workspaceId}/${documentId}`));
}

/** `workspace/topology` of those that are there. */
export async function selectTopologyIds(db: Database, ids: readonly number[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const found = await db
    .select({ id: topologies.id, workspaceId: topologies.workspaceId })
    .from(topologies)
    .where(inArray(topologies.id, [...ids]));
  return new Set(found.map(({ id, workspaceId }) => `${workspaceId}/${id}`));
}

export const selectParked = (db: Database, limit: number) =>
  db.select().from(outbox).where(isNotNull(outbox.parkedAt)).orderBy(asc(outbox.id)).limit(limit);

/** Whether a change of one of these entities, or one whose payload names the key, is decided and not yet done. */
export async function isUnderWay(db: Database, entities: readonly string[], key: string): Promise<boolean> {
  const names = sql`position(${JSON.stringify(key)}::text in ${outbox.payload}::text) > 0`;
  const isOne = or(inArray(outbox.entity, [...entities]), names);
  return (await db.$count(outbox, and(isNull(outbox.parkedAt), isOne))) > 0;
}

export async function selectTopologyPage(db: Database, after: number, limit: number): Promise<number[]> {
  const query = sql`select id::float8 as id from topologies where id > ${after} order by id limit ${limit}`;
  return (await rows(db, query, z.object({ id: z.number() }))).map(({ id }) => id);
}

const WrongFigures = z.object({ topologyId: z.number(), workspaceId: z.number() });

/** Those of these topologies whose kept figures are not what `scan_topology_figures` counts; sums may be rounded otherwise. */
export function selectWrongFigures(db: Database, ids: readonly number[]): Promise<z.infer<typeof WrongFigures>[]> {
  const query = sql`
    select s.topology_id::float8 as "topologyId", s.workspace_id::float8 as "workspaceId"
    from scan_topology_figures(${`{${ids.join(',')}}`}::text::bigint[]) s left join topology_figures k using (topology_id)
    where (s.run_count, s.completed_run_count, s.accuracy_count, s.best_accuracy, s.best_loss, s.latest_run_at,
        s.module_count, s.checkpoint_count, s.dataset_count, s.storage_bytes)
      is distinct from (k.run_count, k.completed_run_count, k.accuracy_count, k.best_accuracy, k.best_loss, k.latest_run_at,
        k.module_count, k.checkpoint_count, k.dataset_count, k.storage_bytes)
      or abs(s.accuracy_sum - k.accuracy_sum) > 1e-9 * (1 + s.accuracy_count)
    order by s.topology_id`;
  return rows(db, query, WrongFigures);
}

export async function refreshTopologyFigures(db: Database, topologyId: number): Promise<void> {
  await db.execute(sql`select refresh_topology_figures(array[${topologyId}::bigint])`);
}
