import { and, eq, inArray, lt, ne, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { contextIndex, followerPositions, workspaces } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';

export type IndexRow = Pick<
  typeof contextIndex.$inferInsert,
  | 'workspaceId'
  | 'documentId'
  | 'revision'
  | 'topologyId'
  | 'type'
  | 'tags'
  | 'author'
  | 'priority'
  | 'body'
  | 'documentAt'
  | 'createdBy'
>;

/**
 * Writes rows, none twice, into the index. An older revision never replaces a newer, unless it is forced; an unknown
 * workspace has no rows.
 */
export async function upsertIndex(tx: Transaction, given: readonly IndexRow[], isForced = false): Promise<void> {
  if (given.length === 0) return;
  const workspaceIds = [...new Set(given.map((row) => row.workspaceId))];
  const known = await tx.select({ id: workspaces.id }).from(workspaces).where(inArray(workspaces.id, workspaceIds));
  const knownIds = new Set(known.map(({ id }) => id));
  for (const workspaceId of workspaceIds) {
    const ids = given.filter((row) => row.workspaceId === workspaceId).map((row) => row.documentId);
    // Another program may have given a document to another workspace.
    await tx.delete(contextIndex).where(and(isOneOf(ids), ne(contextIndex.workspaceId, workspaceId)));
  }
  // The writer and the followers of all servers bring the same: what is there already costs no second index of its words.
  const there = isForced
    ? new Map<string, unknown>()
    : await findIndexedAt(
        tx,
        given.map(({ documentId: id, revision: rev }) => ({ id, rev })),
      );
  const missing = given.filter((row) => knownIds.has(row.workspaceId) && !there.has(row.documentId));
  await writeIndex(tx, missing, isForced);
}

/** Does the work of `upsertIndex` in one statement, for existing workspaces and for documents that never changed theirs. */
async function writeIndex(tx: Transaction, given: readonly IndexRow[], isForced: boolean): Promise<void> {
  if (given.length === 0) return;
  await tx.execute(sql`
    insert into context_index ${indexColumns} select ${indexColumnList} from ${recordset(given)} ${replacing(isForced)}`);
}

const HomelessRow = z.object({ id: z.string() });

/**
 * Puts into the index what was just written, each document whose topology is there and cannot go meanwhile; answers the ids
 * of the others. One statement, whose commit waits for no disk: the documents are in CouchDB, and the follower, whose own
 * commits do wait, brings again whatever a crash would take.
 */
export async function indexHoused(db: Database, given: readonly IndexRow[]): Promise<string[]> {
  if (given.length === 0) return [];
  const topologyIds = [...new Set(given.flatMap(({ topologyId }) => topologyId ?? []))];
  const isHoused = sql`(given.topology_id is null
    or (given.workspace_id, given.topology_id) in (select workspace_id, id from held))`;
  const query = sql`
    with given as materialized (
      select given.* from (select set_config('synchronous_commit', 'off', true)) as setting, ${recordset(given)}
    ), held as materialized (
      select id, workspace_id from topologies
      where id = any(${sql.param(`{${topologyIds.join(',')}}`)}::text::bigint[]) order by id for key share
    ), written as (
      insert into context_index ${indexColumns} select ${indexColumnList} from given where ${isHoused} ${replacing(false)}
    )
    select document_id as id from given where not ${isHoused}`;
  return (await rows(db, query, HomelessRow)).map(({ id }) => id);
}

const indexColumnList = sql`workspace_id, document_id, revision, topology_id, type, tags, author, priority, body,
  document_at, created_by`;
const indexColumns = sql`(${indexColumnList})`;

/** One parameter for all rows, in one order for everybody, so that two writers cannot wait for each other. */
function recordset(given: readonly IndexRow[]): SQL {
  const ordered = given.toSorted((a, b) => (a.documentId < b.documentId ? -1 : 1));
  const json = JSON.stringify(
    ordered.map((row) => ({
      workspace_id: row.workspaceId,
      document_id: row.documentId,
      revision: row.revision,
      topology_id: row.topologyId,
      type: row.type,
      tags: row.tags,
      author: row.author,
      priority: row.priority,
      body: row.body,
      document_at: row.documentAt,
      created_by: row.createdBy,
    })),
  );
  return sql`json_to_recordset(${json}::text::json) as given (workspace_id bigint, document_id text, revision text,
    topology_id bigint, type text, tags text[], author text, priority text, body text, document_at timestamptz,
    created_by bigint)`;
}

/** Replaces a row unless its revision is newer (`isForced`: always). */
const replacing = (isForced: boolean) => sql`
  on conflict (workspace_id, document_id) do update set revision = excluded.revision, topology_id = excluded.topology_id,
    type = excluded.type, tags = excluded.tags, author = excluded.author, priority = excluded.priority,
    body = excluded.body, document_at = excluded.document_at, created_by = excluded.created_by, updated_at = now()
  where ${isForced ? sql`true` : isNotNewerThan(sql`excluded`)}`;

/** Whether the index has a document at the revision of another row, or at one before it. */
const isNotNewerThan = (other: SQL) =>
  sql`split_part(context_index.revision, '-', 1)::int <= split_part(${other}.revision, '-', 1)::int`;

const isOneOf = (ids: readonly string[]) => sql`${contextIndex.documentId} = any(${sql.param(ids)}::text[])`;

/** Which of these documents the index has, each with its workspace. */
export async function findIndexed(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const columns = { id: contextIndex.documentId, workspaceId: contextIndex.workspaceId };
  const found = await db.select(columns).from(contextIndex).where(isOneOf(ids));
  return new Map(found.map(({ id, workspaceId }) => [id, workspaceId]));
}

const firstWorkspaces = new WeakMap<Database, number>();

/** The first workspace, which stays it; undefined where there is none yet. */
export async function findFirstWorkspace(db: Database): Promise<number | undefined> {
  const known = firstWorkspaces.get(db);
  if (known !== undefined) return known;
  const [row] = await db.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.objectPrefix, ''));
  if (row) firstWorkspaces.set(db, row.id);
  return row?.id;
}

/** Index rows at exactly these revisions, by document id. */
export async function findIndexedAt(db: Database, revisions: readonly { id: string; rev: string }[]) {
  const columns = {
    id: contextIndex.documentId,
    revision: contextIndex.revision,
    workspaceId: contextIndex.workspaceId,
    topologyId: contextIndex.topologyId,
  };
  const wanted = new Map(revisions.map(({ id, rev }) => [id, rev]));
  if (wanted.size === 0) return new Map<string, { workspaceId: number; topologyId: number | null }>();
  const found = await db
    .select(columns)
    .from(contextIndex)
    .where(isOneOf([...wanted.keys()]));
  return new Map(found.flatMap((row) => (wanted.get(row.id) === row.revision ? [[row.id, row] as const] : [])));
}

/** Takes documents out of the index, of whatever workspace they were. */
export async function deleteFromIndex(tx: Transaction, documentIds: readonly string[]): Promise<void> {
  if (documentIds.length === 0) return;
  await tx.delete(contextIndex).where(isOneOf(documentIds));
}

/**
 * Takes documents out that went, or became something else, with these revisions. What has a newer one stays: it was written
 * anew under the same id, and the change of that comes later.
 */
export async function deleteUpTo(tx: Transaction, gone: readonly { id: string; rev: string }[]): Promise<void> {
  if (gone.length === 0) return;
  const ids = gone.map(({ id }) => id);
  const revisions = gone.map(({ rev }) => rev);
  await tx.execute(sql`
    delete from context_index
    using unnest(${sql.param(ids)}::text[], ${sql.param(revisions)}::text[]) as gone (id, revision)
    where context_index.document_id = gone.id and ${isNotNewerThan(sql`gone`)}`);
}

export async function deleteTopologyFromIndex(tx: Transaction, actor: Actor, topologyId: number): Promise<void> {
  await tx
    .delete(contextIndex)
    .where(and(eq(contextIndex.workspaceId, actor.workspaceId), eq(contextIndex.topologyId, topologyId)));
}

/** PostgreSQL's time, by which it says when a row was written. */
export async function readClock(db: Database): Promise<Date> {
  const query = sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;
  const [row] = await rows(db, query, z.object({ now: z.number() }));
  return new Date(row?.now ?? 0);
}

/** Takes out what was not written since. */
export async function deleteStaleIndex(tx: Transaction, since: Date): Promise<void> {
  await tx.delete(contextIndex).where(lt(contextIndex.updatedAt, since));
}

export async function readPosition(db: Database, of: string): Promise<string | undefined> {
  const [row] = await db.select().from(followerPositions).where(eq(followerPositions.database, of));
  return row?.sequence;
}

export async function writePosition(tx: Transaction, of: string, sequence: string): Promise<void> {
  const updatedAt = new Date();
  await tx
    .insert(followerPositions)
    .values({ database: of, sequence, updatedAt })
    .onConflictDoUpdate({ target: followerPositions.database, set: { sequence, updatedAt } });
}
