import { and, asc, desc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import {
  checkpoints,
  models,
  modelVersions,
  outbox,
  outboxPlaces,
  qloraModules,
  storedObjects,
  topologies,
  trainingRuns,
  uploadPartHashes,
  workspaces,
} from '../../../drizzle/schema/index.ts';
import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import { Bucket, type ListObjectsInput, ObjectContents, type StoredObject } from './contract.ts';
import type { ObjectPlace } from './layout.ts';

export type ObjectRow = typeof storedObjects.$inferSelect;

/** How long a claim stands without being renewed; nobody else completes, aborts or sweeps the row in that time. */
const claimSeconds = 120;

const mine = (actor: Actor, id: string) =>
  and(eq(storedObjects.workspaceId, actor.workspaceId), eq(storedObjects.id, id));
const isUnclaimed = or(
  isNull(storedObjects.claimedAt),
  lt(storedObjects.claimedAt, sql`now() - make_interval(secs => ${claimSeconds})`),
);

const isBusy = sql<boolean>`${storedObjects.status} = 'pending' and not ${isUnclaimed}`;

/** Passes any number of ids as one parameter: a thousand parameters cost more than the query itself. */
const isAmong = (column: PgColumn, ids: readonly string[]) => sql`${column} = any(${`{${ids.join(',')}}`}::uuid[])`;

/** The row as callers see it. */
export function toStoredObject(row: ObjectRow): StoredObject {
  return {
    id: row.id,
    kind: row.kind,
    bucket: Bucket.parse(row.bucket),
    key: row.key,
    sizeBytes: row.sizeBytes,
    sha256: row.sha256,
    partsSha256: row.partsSha256,
    contentType: row.contentType,
    metadata: row.metadata,
    contents: ObjectContents.nullable().parse(row.contents),
    status: row.status,
    expiresAt: row.expiresAt,
    completedAt: row.completedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    createdBy: row.createdBy,
  };
}

/** Prefix of all keys of the workspace in the object store. */
export async function objectPrefixOf(db: Database, actor: Pick<Actor, 'workspaceId'>): Promise<string> {
  const [row] = await db
    .select({ prefix: workspaces.objectPrefix })
    .from(workspaces)
    .where(eq(workspaces.id, actor.workspaceId));
  if (!row) throw notFound('workspace', actor.workspaceId);
  return row.prefix;
}

/** Throws `not_found` where the topology, module or run that bytes are said to come from is not in the workspace. */
export async function requireOrigin(
  db: Database,
  actor: Actor,
  origin: { topologyId?: number | undefined; moduleId?: number | undefined; runId?: number | undefined },
): Promise<void> {
  const { workspaceId } = actor;
  const { topologyId, moduleId, runId } = origin;
  if (topologyId !== undefined) {
    const isIt = and(eq(topologies.workspaceId, workspaceId), eq(topologies.id, topologyId));
    const [row] = await db.select({ id: topologies.id }).from(topologies).where(isIt);
    if (!row) throw notFound('topology', topologyId);
  }
  if (moduleId !== undefined) {
    const isIt = and(eq(qloraModules.workspaceId, workspaceId), eq(qloraModules.id, moduleId));
    const [row] = await db.select({ id: qloraModules.id }).from(qloraModules).where(isIt);
    if (!row) throw notFound('module', moduleId);
  }
  if (runId !== undefined) {
    const isIt = and(eq(trainingRuns.workspaceId, workspaceId), eq(trainingRuns.id, runId));
    const [row] = await db.select({ id: trainingRuns.id }).from(trainingRuns).where(isIt);
    if (!row) throw notFound('training run', runId);
  }
}

/** Undefined where the key is taken. */
export async function insertObject(
  tx: Transaction,
  values: typeof storedObjects.$inferInsert,
  isClaimed: boolean,
): Promise<ObjectRow | undefined> {
  const [row] = await tx
    .insert(storedObjects)
    .values({ ...values, ...(isClaimed && { claimedAt: sql`now()` }) })
    .onConflictDoNothing()
    .returning();
  return row;
}

export async function findObject(db: Database, actor: Actor, id: string): Promise<ObjectRow | undefined> {
  const [row] = await db.select().from(storedObjects).where(mine(actor, id));
  return row;
}

const isAt = (actor: Pick<Actor, 'workspaceId'>, { bucket, key }: ObjectPlace) =>
  and(eq(storedObjects.workspaceId, actor.workspaceId), eq(storedObjects.bucket, bucket), eq(storedObjects.key, key));

export async function findObjectAt(
  db: Database,
  actor: Pick<Actor, 'workspaceId'>,
  place: ObjectPlace,
): Promise<ObjectRow | undefined> {
  const [row] = await db.select().from(storedObjects).where(isAt(actor, place));
  return row;
}

export async function lockObjectAt(tx: Transaction, actor: Actor, place: ObjectPlace): Promise<ObjectRow | undefined> {
  const [row] = await tx.select().from(storedObjects).where(isAt(actor, place)).for('update');
  return row;
}

/** Locks rows, with whether a call is completing each at this moment. */
export function lockObjects(
  tx: Transaction,
  actor: Actor,
  ids: readonly string[],
): Promise<{ row: ObjectRow; isBusy: boolean }[]> {
  return tx
    .select({ row: storedObjects, isBusy })
    .from(storedObjects)
    .where(and(eq(storedObjects.workspaceId, actor.workspaceId), isAmong(storedObjects.id, ids)))
    .orderBy(asc(storedObjects.id))
    .for('update');
}

export async function setUploadId(
  db: Database,
  actor: Actor,
  id: string,
  uploadId: string,
): Promise<ObjectRow | undefined> {
  const [row] = await db
    .update(storedObjects)
    .set({ uploadId })
    .where(and(mine(actor, id), eq(storedObjects.status, 'pending'), isNull(storedObjects.uploadId)))
    .returning();
  return row;
}

export async function setExpiry(
  tx: Transaction,
  actor: Actor,
  id: string,
  expiresAt: Date,
): Promise<ObjectRow | undefined> {
  const [row] = await tx.update(storedObjects).set({ expiresAt }).where(mine(actor, id)).returning();
  return row;
}

/** Takes a pending row for one call. Undefined where it is not there, is ready, or another call has it. */
export async function claimObject(db: Database, actor: Actor, id: string): Promise<ObjectRow | undefined> {
  const [row] = await db
    .update(storedObjects)
    .set({ claimedAt: sql`now()` })
    .where(and(mine(actor, id), eq(storedObjects.status, 'pending'), isUnclaimed))
    .returning();
  return row;
}

const isStillClaimed = (row: ObjectRow) =>
  and(
    eq(storedObjects.workspaceId, row.workspaceId),
    eq(storedObjects.id, row.id),
    eq(storedObjects.status, 'pending'),
    row.claimedAt === null ? sql`false` : eq(storedObjects.claimedAt, row.claimedAt),
  );

/** The row with its renewed claim, or undefined where the claim ran out and another call took it. */
export async function renewClaim(db: Database, row: ObjectRow): Promise<ObjectRow | undefined> {
  const [renewed] = await db
    .update(storedObjects)
    .set({ claimedAt: sql`now()` })
    .where(isStillClaimed(row))
    .returning();
  return renewed;
}

export async function releaseClaim(db: Database, row: ObjectRow): Promise<void> {
  await db.update(storedObjects).set({ claimedAt: null }).where(isStillClaimed(row));
}

/** Turns a claimed row to ready; undefined where the claim ran out. */
export async function readyClaimed(
  tx: Transaction,
  row: ObjectRow,
  found: Hashes & Pick<ObjectRow, 'contents'> & Partial<StoredPlace>,
): Promise<ObjectRow | undefined> {
  await tx.delete(uploadPartHashes).where(eq(uploadPartHashes.objectId, row.id));
  const [ready] = await tx
    .update(storedObjects)
    .set({ ...found, status: 'ready', completedAt: sql`now()`, claimedAt: null, expiresAt: null, uploadId: null })
    .where(isStillClaimed(row))
    .returning();
  return ready;
}

export async function deleteClaimed(tx: Transaction, row: ObjectRow): Promise<boolean> {
  const deleted = await tx.delete(storedObjects).where(isStillClaimed(row)).returning({ id: storedObjects.id });
  return deleted.length > 0;
}

export async function deleteRows(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.delete(storedObjects).where(isAmong(storedObjects.id, ids));
}

/** Locks pending rows whose time is over, in every workspace, each with its workspace's prefix. */
export function lockExpired(tx: Transaction, now: Date, limit: number): Promise<{ row: ObjectRow; prefix: string }[]> {
  return tx
    .select({ row: storedObjects, prefix: workspaces.objectPrefix })
    .from(storedObjects)
    .innerJoin(workspaces, eq(workspaces.id, storedObjects.workspaceId))
    .where(
      and(
        eq(storedObjects.status, 'pending'),
        lt(storedObjects.expiresAt, now),
        or(isNull(storedObjects.claimedAt), lt(storedObjects.claimedAt, new Date(now.getTime() - claimSeconds * 1000))),
      ),
    )
    .orderBy(asc(storedObjects.expiresAt))
    .limit(limit)
    .for('update', { of: storedObjects, skipLocked: true });
}

export function selectObjects(
  db: Database,
  actor: Actor,
  input: ListObjectsInput,
  before: { createdAt: Date; id: string } | undefined,
): Promise<ObjectRow[]> {
  return db
    .select()
    .from(storedObjects)
    .where(
      and(
        eq(storedObjects.workspaceId, actor.workspaceId),
        input.kind === undefined ? undefined : eq(storedObjects.kind, input.kind),
        input.status === undefined ? undefined : eq(storedObjects.status, input.status),
        input.prefix === undefined ? undefined : sql`starts_with(${storedObjects.key}, ${input.prefix})`,
        before &&
          or(
            lt(storedObjects.createdAt, before.createdAt),
            and(eq(storedObjects.createdAt, before.createdAt), lt(storedObjects.id, before.id)),
          ),
      ),
    )
    .orderBy(desc(storedObjects.createdAt), desc(storedObjects.id))
    .limit(input.limit + 1);
}

export type Hashes = Pick<ObjectRow, 'sha256' | 'partsSha256'>;
export type Bytes = Hashes & Pick<ObjectRow, 'sizeBytes'>;

/**
 * Locks a ready object of the same bytes, so that it is not deleted while another one comes to share them: one of which
 * every hash that is given was checked.
 */
export async function lockTwin(tx: Transaction, actor: Pick<Actor, 'workspaceId'>, bytes: Bytes) {
  const [row] = await tx
    .select()
    .from(storedObjects)
    .where(
      and(
        eq(storedObjects.workspaceId, actor.workspaceId),
        bytes.sha256 === null ? undefined : eq(storedObjects.sha256, bytes.sha256),
        bytes.partsSha256 === null ? undefined : eq(storedObjects.partsSha256, bytes.partsSha256),
        eq(storedObjects.sizeBytes, bytes.sizeBytes),
        eq(storedObjects.status, 'ready'),
      ),
    )
    .orderBy(asc(storedObjects.createdAt), asc(storedObjects.id))
    .limit(1)
    .for('update');
  return row;
}

/** Makes those who turn objects of the same bytes to ready wait for each other, until the transaction ends. */
export async function lockBytes(tx: Transaction, workspaceId: number, hash: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${workspaceId}/${hash}`}, 7))`);
}

/** Has a pending upload checked by the whole SHA-256 too, which an earlier call did not declare. */
export async function declareWhole(tx: Transaction, row: ObjectRow, sha256: string): Promise<ObjectRow> {
  const isUndeclared = and(eq(storedObjects.status, 'pending'), isNull(storedObjects.sha256));
  const [declared] = await tx
    .update(storedObjects)
    .set({ sha256 })
    .where(and(eq(storedObjects.id, row.id), isUndeclared))
    .returning();
  return declared ?? row;
}

/**
 * A ready object that may be of these bytes, the one at the key or one of the same parts, but of which a hash that is given
 * is not known.
 */
export async function findUnhashed(
  db: Database,
  actor: Actor,
  bytes: Bytes & ObjectPlace,
): Promise<ObjectRow | undefined> {
  const { workspaceId } = actor;
  const [row] = await db
    .select()
    .from(storedObjects)
    .where(
      and(
        eq(storedObjects.workspaceId, workspaceId),
        or(isAt(actor, bytes), bytes.partsSha256 ? eq(storedObjects.partsSha256, bytes.partsSha256) : undefined),
        eq(storedObjects.sizeBytes, bytes.sizeBytes),
        eq(storedObjects.status, 'ready'),
        bytes.sha256 ? or(isNull(storedObjects.sha256), eq(storedObjects.sha256, bytes.sha256)) : undefined,
        bytes.partsSha256
          ? or(isNull(storedObjects.partsSha256), eq(storedObjects.partsSha256, bytes.partsSha256))
          : undefined,
        or(
          bytes.sha256 ? isNull(storedObjects.sha256) : undefined,
          bytes.partsSha256 ? isNull(storedObjects.partsSha256) : undefined,
        ),
      ),
    )
    .limit(1);
  return row;
}

/** Notes hashes that were computed of stored bytes with every ready object that has these. */
export async function noteHashes(tx: Transaction, actor: Actor, id: string, hashes: Hashes): Promise<void> {
  const sharers = await lockSharers(tx, actor, [id]);
  const unhashed = sharers.flatMap(({ row }) =>
    row.status === 'ready' && (row.sha256 === null || row.partsSha256 === null) ? row.id : [],
  );
  if (unhashed.length === 0) return;
  await tx.update(storedObjects).set(hashes).where(isAmong(storedObjects.id, unhashed));
}

export type StoredPlace = { storedBucket: string; storedKey: string };

const isStoredAt = (workspaceId: number, place: StoredPlace) =>
  and(
    eq(storedObjects.workspaceId, workspaceId),
    eq(storedObjects.storedBucket, place.storedBucket),
    eq(storedObjects.storedKey, place.storedKey),
  );

export async function isPlaceTaken(tx: Transaction, workspaceId: number, place: StoredPlace): Promise<boolean> {
  const [row] = await tx
    .select({ id: storedObjects.id })
    .from(storedObjects)
    .where(isStoredAt(workspaceId, place))
    .limit(1);
  return row !== undefined;
}

/**
 * Locks every row whose bytes lie where those of these rows do, these included, in one order for all callers; with whether
 * a call is completing each at this moment.
 */
export function lockSharers(
  tx: Transaction,
  actor: Actor,
  ids: readonly string[],
): Promise<{ row: ObjectRow; isBusy: boolean }[]> {
  const { workspaceId } = actor;
  const places = tx
    .select({ storedBucket: storedObjects.storedBucket, storedKey: storedObjects.storedKey })
    .from(storedObjects)
    .where(and(eq(storedObjects.workspaceId, workspaceId), isAmong(storedObjects.id, ids)));
  return tx
    .select({ row: storedObjects, isBusy })
    .from(storedObjects)
    .where(
      and(
        eq(storedObjects.workspaceId, workspaceId),
        sql`(${storedObjects.storedBucket}, ${storedObjects.storedKey}) in ${places}`,
      ),
    )
    .orderBy(asc(storedObjects.id))
    .for('update');
}

export async function insertPartHashes(tx: Transaction, row: ObjectRow, sha256s: readonly string[]): Promise<void> {
  const { id: objectId, workspaceId, createdBy } = row;
  await tx
    .insert(uploadPartHashes)
    .values({ objectId, workspaceId, createdBy, sha256s: [...sha256s] })
    .onConflictDoNothing();
}

/** Hashes declared for the parts `from` to `to`; empty where none were. */
export async function selectPartHashes(db: Database, row: ObjectRow, from: number, to: number): Promise<string[]> {
  const [found] = await db
    .select({ sha256s: sql<string[]>`${uploadPartHashes.sha256s}[${from}::int:${to}::int]` })
    .from(uploadPartHashes)
    .where(and(eq(uploadPartHashes.workspaceId, row.workspaceId), eq(uploadPartHashes.objectId, row.id)));
  return found?.sha256s ?? [];
}

/** Which of these ids are pending uploads, in any workspace. */
export async function selectPendingIds(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const found = await db
    .select({ id: storedObjects.id })
    .from(storedObjects)
    .where(and(isAmong(storedObjects.id, ids), eq(storedObjects.status, 'pending')));
  return new Set(found.map(({ id }) => id));
}

/** The uses of these objects, as a message names them. */
export async function selectUses(
  db: Database,
  actor: Actor,
  ids: readonly string[],
): Promise<{ objectId: string; usedBy: string }[]> {
  const versions = await db
    .select({ objectId: modelVersions.objectId, name: models.name, version: modelVersions.version })
    .from(modelVersions)
    .innerJoin(models, eq(models.id, modelVersions.modelId))
    .where(and(eq(modelVersions.workspaceId, actor.workspaceId), isAmong(modelVersions.objectId, ids)));
  const states = await db
    .select({ objectId: checkpoints.objectId, id: checkpoints.id, name: checkpoints.name })
    .from(checkpoints)
    .where(and(eq(checkpoints.workspaceId, actor.workspaceId), isAmong(checkpoints.objectId, ids)));
  const adapters = await db
    .select({ weights: qloraModules.weightsObjectId, config: qloraModules.configObjectId, id: qloraModules.id })
    .from(qloraModules)
    .where(
      and(
        eq(qloraModules.workspaceId, actor.workspaceId),
        or(isAmong(qloraModules.weightsObjectId, ids), isAmong(qloraModules.configObjectId, ids)),
      ),
    );
  return [
    ...adapters.flatMap(({ weights, config, id }) =>
      [weights, config].flatMap((objectId) =>
        objectId !== null && ids.includes(objectId) ? [{ objectId, usedBy: `the adapter of module ${id}` }] : [],
      ),
    ),
    ...versions.map((use) => ({ objectId: use.objectId, usedBy: `version ${use.version} of the model "${use.name}"` })),
    ...states.map((use) => ({ objectId: use.objectId, usedBy: `the checkpoint "${use.name}" (${use.id})` })),
  ];
}

/** Names the places of an effect that removes many objects, for `hasEffectsFor`. */
export async function insertPlaces(tx: Transaction, effectId: number): Promise<void> {
  await tx.execute(sql`insert into ${outboxPlaces} (place, effect_id)
    select ${outbox.payload} ->> 'bucket' || '/' || key, ${outbox.id}
    from ${outbox}, jsonb_array_elements_text(${outbox.payload} -> 'keys') as key where ${outbox.id} = ${effectId}`);
}

/** Whether effects that touch this place in the object store wait in the outbox: of its entity, or of many places. */
export async function hasEffectsFor(
  db: Database,
  entity: string,
  at: { bucket: string; key: string },
): Promise<boolean> {
  const isOfMany = sql`exists (select 1 from ${outboxPlaces} p join ${outbox} o on o.id = p.effect_id
    where p.place = ${`${at.bucket}/${at.key}`} and o.payload -> 'keys' @> to_jsonb(${at.key}::text))`;
  const isOfOne = sql`exists (select 1 from ${outbox} where ${outbox.entity} = ${entity})`;
  const [row] = await rows(db, sql`select ${isOfOne} or ${isOfMany} as "isWaiting"`, Waiting);
  return row?.isWaiting ?? false;
}

const Waiting = z.object({ isWaiting: z.boolean() });
