import { and, eq, inArray, lt, ne, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { contextIndex, followerPositions, topologies, workspaces } from '../../../drizzle/schema/index.ts';
import { NexusError } from '../../errors.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { BulkResult, DocumentStore, NewDocument, StoredDocument } from '../../stores/documents.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { gathered } from '../gathered.ts';
import type { AddContextInput, ContextDocument, ListContextInput, SearchContextInput } from './contract.ts';
import { contextDocuments, eventDocuments } from './document-databases.ts';
import { deletionOf } from './document-history.ts';
import { readDocumentPage } from './document-pages.ts';
import { isOfWorkspace, StoredInstant, StoredJson, StoredObject, storedFields, topologyName } from './stored-fields.ts';

const { database } = contextDocuments;

/** Older than every revision of CouchDB's, so that the follower replaces it. */
export const decidedRevision = '0-decided';

const StoredContext = z
  .object({
    ...storedFields,
    type: z.string().min(1).max(1000),
    data: StoredJson,
    metadata: StoredObject.nullish(),
    timestamp: StoredInstant,
  })
  .transform((stored) => ({
    workspaceId: stored.workspace_id,
    document: {
      id: stored._id,
      rev: stored._rev,
      type: stored.type,
      data: stored.data,
      topologyId: stored.topology_id,
      metadata: stored.metadata ?? {},
      timestamp: stored.timestamp,
      createdBy: stored.created_by ?? null,
    },
  }));

/** A context document with its workspace, or undefined for what another program wrote otherwise. */
export function readContext(stored: StoredDocument): { workspaceId: number; document: ContextDocument } | undefined {
  const parsed = StoredContext.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

export const contextOf = (actor: Actor) => (stored: StoredDocument | undefined) =>
  stored && isOfWorkspace(actor, stored) ? readContext(stored)?.document : undefined;

/** The document as CouchDB holds it, its names those of the guide. */
export function storedContext(actor: Actor, input: AddContextInput & { id: string }, timestamp: Date): NewDocument {
  return {
    _id: input.id,
    type: input.type,
    data: input.data,
    topology_id: typeof input.topologyId === 'number' ? topologyName(input.topologyId) : null,
    metadata: input.metadata,
    timestamp: timestamp.toISOString(),
    created_by: actor.userId,
    workspace_id: actor.workspaceId,
  };
}

const maxPut = 100;
const puts = new WeakMap<DocumentStore, (document: NewDocument) => Promise<BulkResult>>();

/** Writes a new document together with those of the same moment: one bulk costs CouchDB little more than one document. */
export async function putContext({ documents }: Stores, document: NewDocument): Promise<{ id: string; rev: string }> {
  const put = puts.get(documents) ?? gathered<NewDocument, BulkResult>(maxPut, (all) => documents.bulk(database, all));
  puts.set(documents, put);
  let result: BulkResult;
  try {
    result = await put(document);
  } catch (error) {
    // A bulk fails whole for one document that CouchDB does not take: each then answers for itself.
    if (!(error instanceof NexusError && ['invalid_input', 'too_large'].includes(error.reason))) throw error;
    return documents.put(database, document);
  }
  if ('rev' in result) return result;
  // Alone it is answered as it stands, or refused.
  return documents.put(database, document);
}

export const putContexts = (stores: Stores, documents: readonly NewDocument[]): Promise<BulkResult[]> =>
  stores.documents.bulk(database, documents);

export const removeContext = (stores: Stores, { _id, _rev }: StoredDocument) =>
  stores.documents.remove(database, _id, _rev);

/** Decides the deletion of a document, which its history tells. Call `stores.wakeRelay()` after the commit. */
export async function enqueueDeletion(tx: Transaction, actor: Actor, stored: StoredDocument): Promise<void> {
  const effect = {
    workspaceId: actor.workspaceId,
    createdBy: actor.userId,
    entity: `documents:${database}/${stored._id}`,
  };
  const document = deletionOf(actor, database, stored, new Date());
  const payload = { database, id: stored._id, revision: stored._rev };
  await enqueue(tx, { ...effect, kind: 'documents.remove-revision.v1', payload });
  await enqueue(tx, { ...effect, kind: 'documents.put.v1', payload: { database: eventDocuments.database, document } });
}

/** Decides the removal of documents. Call `stores.wakeRelay()` after the commit. */
export async function enqueueRemoval(tx: Transaction, actor: Actor, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += 1000) {
    await enqueue(tx, {
      workspaceId: actor.workspaceId,
      createdBy: actor.userId,
      kind: 'documents.remove.v1',
      payload: { database, ids: ids.slice(at, at + 1000) },
      entity: `documents:${database}/${ids[at]}`,
    });
  }
}

export async function findContext(stores: Stores, actor: Actor, id: string): Promise<ContextDocument | undefined> {
  return contextOf(actor)(await stores.documents.find(database, id));
}

export async function findContexts(
  stores: Stores,
  actor: Actor,
  ids: readonly string[],
): Promise<(ContextDocument | undefined)[]> {
  return (await stores.documents.findMany(database, ids)).map(contextOf(actor));
}

export const selectContext = (stores: Stores, actor: Actor, { topologyId, type, limit, cursor }: ListContextInput) =>
  readDocumentPage(
    stores,
    actor,
    contextDocuments,
    { narrowedBy: [topologyId ?? 0, type ?? ''], limit, cursor },
    contextOf(actor),
  );

export const readChanges = (
  stores: Pick<Stores, 'documents'>,
  of: string,
  asked: { since: string; limit: number; waitMs: number; withDocuments: boolean },
  signal?: AbortSignal,
) => stores.documents.changes(of, asked.since, { ...asked, signal });

export const findStored = ({ documents }: Pick<Stores, 'documents'>, of: string, ids: readonly string[]) =>
  documents.findMany(of, ids);

/** The sequence at which CouchDB is now. */
export async function newestSequence(stores: Pick<Stores, 'documents'>, of: string): Promise<string> {
  return (await stores.documents.changes(of, 'now', { limit: 1, waitMs: 0, withDocuments: false })).lastSequence;
}

/** Which of these topologies are in the workspace. */
export async function findTopologies(db: Database, actor: Actor, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const found = await db
    .select({ id: topologies.id })
    .from(topologies)
    .where(and(eq(topologies.workspaceId, actor.workspaceId), inArray(topologies.id, [...ids])));
  return new Set(found.map(({ id }) => id));
}

/** Whether each topology is in the workspace named with it. */
export async function findWorkspaceTopologies(
  db: Database,
  asked: readonly { workspaceId: number; id: number }[],
): Promise<boolean[]> {
  const ids = [...new Set(asked.map(({ id }) => id))];
  const columns = { id: topologies.id, workspaceId: topologies.workspaceId };
  const found = await db.select(columns).from(topologies).where(inArray(topologies.id, ids));
  const workspaceOf = new Map(found.map((one) => [one.id, one.workspaceId]));
  return asked.map(({ workspaceId, id }) => workspaceOf.get(id) === workspaceId);
}

/** Waits for whoever holds the topology, so that what they indexed is there to be forgotten. */
export async function lockTopology(tx: Transaction, actor: Actor, id: number): Promise<void> {
  await tx
    .select({ id: topologies.id })
    .from(topologies)
    .where(and(eq(topologies.workspaceId, actor.workspaceId), eq(topologies.id, id)))
    .for('update');
}

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

/** As `upsertIndex`, for rows of workspaces that there are and of documents that never changed theirs: in one statement. */
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

/** What is there is replaced, unless its revision is newer (`isForced`: whatever it is). */
const replacing = (isForced: boolean) => sql`
  on conflict (workspace_id, document_id) do update set revision = excluded.revision, topology_id = excluded.topology_id,
    type = excluded.type, tags = excluded.tags, author = excluded.author, priority = excluded.priority,
    body = excluded.body, document_at = excluded.document_at, created_by = excluded.created_by, updated_at = now()
  where ${isForced ? sql`true` : sql`split_part(context_index.revision, '-', 1)::int <= split_part(excluded.revision, '-', 1)::int`}`;

const isOneOf = (ids: readonly string[]) => sql`${contextIndex.documentId} = any(${sql.param(ids)}::text[])`;

/** Which of these ids any workspace has in the index. */
export async function findIndexed(db: Database, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const found = await db.select({ id: contextIndex.documentId }).from(contextIndex).where(isOneOf(ids));
  return found.map(({ id }) => id);
}

/** What the index has at just these revisions, by the document's id. */
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

const Hit = z.object({ documentId: z.string(), score: z.number() });
export type Hit = z.infer<typeof Hit>;
export type HitPlace = readonly [score: number, documentId: string];

const filterOf = (actor: Actor, filter: SearchContextInput) =>
  sql.join(
    [
      sql`c.workspace_id = ${actor.workspaceId}`,
      ...(filter.topologyId === undefined ? [] : [sql`c.topology_id = ${filter.topologyId}`]),
      ...(filter.type === undefined ? [] : [sql`c.type = ${filter.type}`]),
      ...(filter.tags ?? []).map((tag) => sql`${tag} = any(c.tags)`),
      ...(filter.author === undefined ? [] : [sql`c.author = ${filter.author}`]),
      ...(filter.priority === undefined ? [] : [sql`c.priority = ${filter.priority}`]),
      ...(filter.from === undefined ? [] : [sql`c.document_at >= ${filter.from.toISOString()}::timestamptz`]),
      ...(filter.to === undefined ? [] : [sql`c.document_at < ${filter.to.toISOString()}::timestamptz`]),
    ],
    sql` and `,
  );

/** What of the newest documents is looked at to learn whether many match. */
const sampled = 500;
const manyOfSample = 50;
/** Of words in so many documents, those of the newest are ranked: to rank 100,000 took most of a second. */
const maxRanked = 3_000;
const maxWalked = (maxRanked * sampled) / manyOfSample;
/** As many as are ranked of words that are in fewer: all of them, but for an index of millions. */
const maxFound = 20_000;

/** Hits by their score, at most `limit`. Normalization 32 of ts_rank_cd maps a rank to rank / (rank + 1). */
export async function rankByWords(
  db: Database,
  actor: Actor,
  input: SearchContextInput,
  limit: number,
  after?: HitPlace,
): Promise<Hit[]> {
  const asked = sql`query as (select websearch_to_tsquery('english', ${input.text}) as q)`;
  const matches = sql`${filterOf(actor, input)} and c.words @@ q`;
  const newest = (count: number) => sql`(
    select * from context_index where workspace_id = ${actor.workspaceId}
    order by document_at desc, document_id desc limit ${count}) c, query`;
  const [sample] = await rows(
    db,
    sql`with ${asked} select count(*)::float8 as count from ${newest(sampled)} where ${matches}`,
    z.object({ count: z.number() }),
  );
  const candidates =
    (sample?.count ?? 0) >= manyOfSample
      ? sql`select c.document_id, c.words from ${newest(maxWalked)} where ${matches} limit ${maxRanked}`
      : sql`select c.document_id, c.words from context_index c, query where ${matches}
          order by c.document_at desc, c.document_id desc limit ${maxFound}`;
  const beyond = after ? sql`where (score, document_id) < (${after[0]}::float8, ${after[1]}::text)` : sql``;
  const query = sql`
    with ${asked}, candidates as (${candidates}), ranked as (
      select document_id, ts_rank_cd(words, q, 32)::float8 as score from candidates, query
    )
    select document_id as "documentId", score from ranked ${beyond} order by score desc, document_id desc limit ${limit}`;
  return rows(db, query, Hit);
}

/** So few documents of a workspace are compared one by one, and none is missed. */
const exactDocuments = 5_000;
const efSearch = 200;

/** Hits by the nearness of their meaning, at most `limit`; of many documents, as many as the scan of the index comes to. */
export async function rankByMeaning(
  db: Database,
  actor: Actor,
  input: SearchContextInput,
  { model, vector, limit }: { model: string; vector: Float32Array; limit: number },
): Promise<Hit[]> {
  const asked = sql`asked as materialized (select ${vectorText(vector)}::vector as vector)`;
  const distance = sql`(e.embedding <=> (select vector from asked))`;
  const isComparable = sql`e.model = ${model} and e.embedding is not null`;
  const [few] = await rows(
    db,
    sql`select count(*) <= ${exactDocuments} as is_so from (
      select 1 from context_embeddings where workspace_id = ${actor.workspaceId} limit ${exactDocuments + 1}) few`,
    z.object({ is_so: z.boolean() }),
  );
  // An expression that is not the index's own keeps the planner from it.
  const nearest = few?.is_so
    ? sql`select e.document_id, ${distance} as distance from context_embeddings e
        where e.workspace_id = ${actor.workspaceId} and ${isComparable} order by ${distance} + 0, e.document_id`
    : sql`select e.workspace_id, e.document_id, e.model, ${distance} as distance from context_embeddings e
        where (select set_config('hnsw.ef_search', ${String(efSearch)}, true)
          || set_config('hnsw.iterative_scan', 'relaxed_order', true)) is not null and ${isComparable}
        order by ${distance} offset 0`;
  const isOwn = few?.is_so ? sql`true` : sql`e.workspace_id = ${actor.workspaceId}`;
  const query = sql`
    with ${asked}, near as materialized (
      select e.document_id, e.distance from (${nearest}) e
        cross join lateral (
          select 1 from context_index c where c.document_id = e.document_id and ${filterOf(actor, input)} limit 1) c
      where ${isOwn} limit ${limit}
    )
    select document_id as "documentId", (1 - distance)::float8 as score from near order by distance, document_id`;
  return rows(db, query, Hit);
}

const vectorText = (vector: Float32Array) => `[${vector.join(',')}]`;
const Highlight = z.object({ id: z.string(), highlight: z.string() });

/** Where the words are in these documents, by their ids. */
export async function readHighlights(
  db: Database,
  actor: Actor,
  text: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const query = sql`
    select document_id as id, ts_headline('english', body, websearch_to_tsquery('english', ${text}),
      'StartSel=«, StopSel=», MaxFragments=2, MinWords=5, MaxWords=25, FragmentDelimiter=" … "') as highlight
    from context_index where workspace_id = ${actor.workspaceId} and document_id = any(${sql.param(ids)}::text[])`;
  return new Map((await rows(db, query, Highlight)).map(({ id, highlight }) => [id, highlight]));
}

const Unembedded = z.object({
  workspaceId: z.number(),
  documentId: z.string(),
  revision: z.string(),
  text: z.string(),
  updatedAt: z.number(),
});
export type Unembedded = z.infer<typeof Unembedded>;
/** An endpoint reads the first few hundred words of a text. */
const maxEmbeddedChars = 8_000;

/** Documents without a vector of this model for their revision that the index took since, in the order of that. */
export function selectUnembedded(db: Database, model: string, sinceMs: number, limit: number): Promise<Unembedded[]> {
  const query = sql`
    select c.workspace_id::float8 as "workspaceId", c.document_id as "documentId", c.revision,
      left(c.body, ${maxEmbeddedChars}) as text, (extract(epoch from c.updated_at) * 1000)::float8 as "updatedAt"
    from context_index c
    where c.updated_at >= to_timestamp(${sinceMs}::float8 / 1000) and c.revision <> ${decidedRevision} and not exists (
      select 1 from context_embeddings e
      where e.workspace_id = c.workspace_id and e.document_id = c.document_id and e.revision = c.revision and e.model = ${model})
    order by c.updated_at limit ${limit}`;
  return rows(db, query, Unembedded);
}

/** Keeps vectors of documents that are still at the revision that was embedded. */
export async function writeEmbeddings(
  db: Database,
  model: string,
  given: readonly (Unembedded & { vector: Float32Array | null })[],
): Promise<void> {
  const json = JSON.stringify(
    given.map(({ workspaceId, documentId, revision, vector }) => ({
      workspace_id: workspaceId,
      document_id: documentId,
      revision,
      embedding: vector && vectorText(vector),
    })),
  );
  await db.execute(sql`
    insert into context_embeddings (workspace_id, document_id, revision, model, embedding)
    select c.workspace_id, c.document_id, c.revision, ${model}::text, given.embedding::vector
    from json_to_recordset(${json}::text::json) as given (workspace_id bigint, document_id text, revision text, embedding text)
      join context_index c using (workspace_id, document_id, revision)
    on conflict (workspace_id, document_id) do update
      set revision = excluded.revision, model = excluded.model, embedding = excluded.embedding`);
}

const embeddingLease = 'embeddings';

/** Whether this owner is the one server that embeds, until it was not heard of for half a minute. */
export async function claimEmbedding(db: Database, owner: string): Promise<boolean> {
  const query = sql`
    insert into follower_positions (database, sequence, updated_at) values (${embeddingLease}, ${owner}, now())
    on conflict (database) do update set sequence = excluded.sequence, updated_at = now()
      where follower_positions.sequence = excluded.sequence
        or follower_positions.updated_at < now() - interval '30 seconds'
    returning sequence`;
  return (await rows(db, query, z.object({ sequence: z.string() }))).length > 0;
}

export async function releaseEmbedding(db: Database, owner: string): Promise<void> {
  await db
    .delete(followerPositions)
    .where(and(eq(followerPositions.database, embeddingLease), eq(followerPositions.sequence, owner)));
}
