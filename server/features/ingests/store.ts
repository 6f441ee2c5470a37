import { and, asc, desc, eq, gt, isNull, lt, lte, notInArray, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import {
  datasetIngestChunks,
  datasetIngestRefusals,
  datasetIngests,
  datasets,
  storedObjects,
} from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import type { StoredObject } from '../objects/contract.ts';
import type { DatasetIngest, IngestRefusal, ListIngestsInput, ListRefusalsInput } from './contract.ts';

type Row = typeof datasetIngests.$inferSelect;
/** An ingest that a server has claimed to work on. */
export type ClaimedIngest = Pick<
  Row,
  'id' | 'workspaceId' | 'createdBy' | 'datasetId' | 'objectId' | 'lineCount' | 'failures'
>;

/** A server that lives renews its claim several times in it. */
const claimSeconds = 15;
const keptRefusals = 10_000;
const until = sql`now() + make_interval(secs => ${claimSeconds})`;

const toIngest = ({
  workspaceId: _,
  claimedBy: __,
  claimedUntil: ___,
  failures: ____,
  availableAt: _____,
  ...row
}: Row): DatasetIngest => row;
const inWorkspace = (actor: Actor) => eq(datasetIngests.workspaceId, actor.workspaceId);

export async function insertIngest(
  tx: Transaction,
  actor: Actor,
  datasetId: number,
  object: StoredObject,
  server: string,
): Promise<DatasetIngest> {
  const [row] = await tx
    .insert(datasetIngests)
    .values({
      workspaceId: actor.workspaceId,
      createdBy: actor.userId,
      datasetId,
      objectId: object.id,
      objectKey: object.key,
      objectSha256: object.sha256,
      objectPartsSha256: object.partsSha256,
      sizeBytes: object.sizeBytes,
      status: 'running',
      claimedBy: server,
      claimedUntil: until,
    })
    .returning();
  if (!row) throw new Error('The insert of an ingest answered no row.');
  return toIngest(row);
}

export async function findIngest(db: Database, actor: Actor, id: number): Promise<DatasetIngest | undefined> {
  const [row] = await db
    .select()
    .from(datasetIngests)
    .where(and(inWorkspace(actor), eq(datasetIngests.id, id)));
  return row && toIngest(row);
}

export async function selectIngests(
  db: Database,
  actor: Actor,
  { datasetId, status, limit }: ListIngestsInput,
  before: number | undefined,
): Promise<DatasetIngest[]> {
  const found = await db
    .select()
    .from(datasetIngests)
    .where(
      and(
        inWorkspace(actor),
        eq(datasetIngests.datasetId, datasetId),
        status === undefined ? undefined : eq(datasetIngests.status, status),
        before === undefined ? undefined : lt(datasetIngests.id, before),
      ),
    )
    .orderBy(desc(datasetIngests.id))
    .limit(limit + 1);
  return found.map(toIngest);
}

export function selectRefusals(db: Database, input: ListRefusalsInput, after: number): Promise<IngestRefusal[]> {
  return db
    .select({ line: datasetIngestRefusals.line, reason: datasetIngestRefusals.reason })
    .from(datasetIngestRefusals)
    .where(and(eq(datasetIngestRefusals.ingestId, input.id), gt(datasetIngestRefusals.line, after)))
    .orderBy(asc(datasetIngestRefusals.line))
    .limit(input.limit + 1);
}

/** Where the bytes of an ingest are; undefined where its object is gone. */
export async function findObjectOf(db: Database, { workspaceId, objectId }: ClaimedIngest) {
  const [row] = await db
    .select({ bucket: storedObjects.bucket, key: storedObjects.key, sizeBytes: storedObjects.sizeBytes })
    .from(storedObjects)
    .where(
      and(
        eq(storedObjects.workspaceId, workspaceId),
        eq(storedObjects.id, objectId),
        eq(storedObjects.status, 'ready'),
      ),
    );
  return row;
}

/** The ingest that made a version. */
export async function findVersion(
  db: Database,
  actor: Actor,
  datasetId: number,
  version: number,
): Promise<number | undefined> {
  const [row] = await db
    .select({ id: datasetIngests.id })
    .from(datasetIngests)
    .where(and(inWorkspace(actor), eq(datasetIngests.datasetId, datasetId), eq(datasetIngests.version, version)));
  return row?.id;
}

export async function selectHashes(
  db: Database,
  ingestId: number,
  limit: number,
  after: string | undefined,
): Promise<string[]> {
  const found = await db
    .select({ hash: sql<string>`encode(${datasetIngestChunks.contentHash}, 'hex')` })
    .from(datasetIngestChunks)
    .where(
      and(
        eq(datasetIngestChunks.ingestId, ingestId),
        after === undefined ? undefined : sql`${datasetIngestChunks.contentHash} > decode(${after}, 'hex')`,
      ),
    )
    .orderBy(asc(datasetIngestChunks.contentHash))
    .limit(limit);
  return found.map(({ hash }) => hash);
}

const isDue = (server: string, busyWorkspaces: readonly number[]) =>
  and(
    eq(datasetIngests.status, 'running'),
    lte(datasetIngests.availableAt, sql`now()`),
    notInArray(datasetIngests.workspaceId, [...busyWorkspaces]),
    or(
      isNull(datasetIngests.claimedUntil),
      lt(datasetIngests.claimedUntil, sql`now()`),
      eq(datasetIngests.claimedBy, server),
    ),
  );

/** Whether an ingest waits that nobody works on, of any workspace but these. */
export async function hasDueIngest(db: Database, server: string, busyWorkspaces: readonly number[]): Promise<boolean> {
  const found = await db
    .select({ id: datasetIngests.id })
    .from(datasetIngests)
    .where(isDue(server, busyWorkspaces))
    .limit(1);
  return found.length > 0;
}

/** Takes an ingest that nobody works on, of any workspace but these. */
export async function claimIngest(
  db: Database,
  server: string,
  busyWorkspaces: readonly number[],
): Promise<ClaimedIngest | undefined> {
  return db.transaction(async (tx) => {
    const [due] = await tx
      .select({ id: datasetIngests.id })
      .from(datasetIngests)
      .where(isDue(server, busyWorkspaces))
      .orderBy(asc(datasetIngests.availableAt), asc(datasetIngests.id))
      .limit(1)
      .for('update', { skipLocked: true });
    if (!due) return undefined;
    const [row] = await tx
      .update(datasetIngests)
      .set({ claimedBy: server, claimedUntil: until })
      .where(eq(datasetIngests.id, due.id))
      .returning();
    return row;
  });
}

const isClaimed = (id: number, server: string) =>
  and(eq(datasetIngests.id, id), eq(datasetIngests.claimedBy, server), eq(datasetIngests.status, 'running'));

/** Keeps an ingest that this server works on, however long a step of it takes. */
export async function renewClaim(db: Database, id: number, server: string): Promise<void> {
  await db.update(datasetIngests).set({ claimedUntil: until }).where(isClaimed(id, server));
}

/** Writes how far an ingest is; false where another server has it now, or it is gone. */
export async function moveIngest(
  tx: Transaction,
  id: number,
  server: string,
  change: { lineCount?: number; bytesRead?: number; newCount?: number; refusedCount?: number },
): Promise<boolean> {
  const moved = await tx
    .update(datasetIngests)
    .set({
      ...(change.lineCount !== undefined && { lineCount: change.lineCount, failures: 0 }),
      ...(change.bytesRead !== undefined && { bytesRead: change.bytesRead }),
      newCount: sql`${datasetIngests.newCount} + ${change.newCount ?? 0}`,
      refusedCount: sql`${datasetIngests.refusedCount} + ${change.refusedCount ?? 0}`,
      claimedUntil: until,
      updatedAt: new Date(),
    })
    .where(isClaimed(id, server))
    .returning({ id: datasetIngests.id });
  return moved.length > 0;
}

/** Keeps the reasons of refused lines, up to 10,000 of an ingest. */
export async function insertRefusals(tx: Transaction, ingestId: number, refusals: readonly IngestRefusal[]) {
  if (refusals.length === 0) return;
  const counted = tx.$count(datasetIngestRefusals, eq(datasetIngestRefusals.ingestId, ingestId));
  const room = Math.max(0, keptRefusals - (await counted));
  const kept = refusals.slice(0, room).map((refusal) => ({ ingestId, ...refusal }));
  for (let from = 0; from < kept.length; from += 1000) {
    await tx
      .insert(datasetIngestRefusals)
      .values(kept.slice(from, from + 1000))
      .onConflictDoNothing();
  }
}

/** Writes that these texts were in the ingest. */
export async function insertHashes(tx: Transaction, ingestId: number, hashes: readonly string[]): Promise<void> {
  await tx.execute(sql`
    insert into dataset_ingest_chunks (ingest_id, content_hash)
    select ${ingestId}, decode(hash, 'hex') from unnest(${sql.param(hashes)}::text[]) as hash on conflict do nothing`);
}

const Finished = z.object({ id: z.coerce.number() });

/** Turns an ingest to done and gives it the dataset's next version; false where another server has it now. */
export async function finishIngest(tx: Transaction, ingest: ClaimedIngest, server: string): Promise<boolean> {
  // One after the other, so that no two get the same number.
  await tx.select({ id: datasets.id }).from(datasets).where(eq(datasets.id, ingest.datasetId)).for('no key update');
  const query = sql`
    with content as (
      select count(*) as chunk_count, encode(sha256(coalesce(string_agg(content_hash, ''::bytea order by content_hash), ''::bytea)), 'hex') as sha256
      from dataset_ingest_chunks where ingest_id = ${ingest.id}
    )
    update dataset_ingests set status = 'done', finished_at = now(), updated_at = now(), claimed_by = null, claimed_until = null,
      bytes_read = size_bytes, chunk_count = content.chunk_count, content_sha256 = content.sha256,
      version = (select coalesce(max(version), 0) + 1 from dataset_ingests where dataset_id = ${ingest.datasetId})
    from content
    where id = ${ingest.id} and claimed_by = ${server} and status = 'running' returning id::float8 as id`;
  return (await rows(tx, query, Finished)).length > 0;
}

export async function failIngest(db: Database, id: number, server: string, error: string): Promise<void> {
  await db
    .update(datasetIngests)
    .set({
      status: 'failed',
      error,
      finishedAt: sql`now()`,
      claimedBy: null,
      claimedUntil: null,
      updatedAt: new Date(),
    })
    .where(isClaimed(id, server));
}

/** Ends an ingest; undefined where it does not run. Whoever works on it finds that it is no longer theirs. */
export async function markCanceled(tx: Transaction, actor: Actor, id: number): Promise<DatasetIngest | undefined> {
  const [row] = await tx
    .update(datasetIngests)
    .set({ status: 'canceled', finishedAt: sql`now()`, claimedBy: null, claimedUntil: null, updatedAt: new Date() })
    .where(and(inWorkspace(actor), eq(datasetIngests.id, id), eq(datasetIngests.status, 'running')))
    .returning();
  return row && toIngest(row);
}

/** Gives an ingest back to anybody, behind those that wait. */
export async function releaseIngest(db: Database, id: number, server: string): Promise<void> {
  await db
    .update(datasetIngests)
    .set({ claimedBy: null, claimedUntil: null, availableAt: sql`now()` })
    .where(isClaimed(id, server));
}

/** Counts a failure, and lets this server try again after `pauseMs`, or another one some time later. */
export async function postponeIngest(db: Database, id: number, server: string, pauseMs: number): Promise<void> {
  const after = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000})`;
  await db
    .update(datasetIngests)
    .set({
      failures: sql`${datasetIngests.failures} + 1`,
      availableAt: after(pauseMs),
      claimedUntil: after(pauseMs + claimSeconds * 1000),
    })
    .where(isClaimed(id, server));
}
