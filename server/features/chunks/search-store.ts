import { and, desc, eq, gte, inArray, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { datasetRecalls, datasets } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, inTime, limitTime, rows, type Transaction } from '../../stores/postgres.ts';
import { rankingPartOf } from '../highlight.ts';
import type { Chunk, MetadataCondition, MetadataFilter, SearchChunksInput } from './contract.ts';

/** Room for 384 numbers of a sign, eight digits and a comma. */
const written = Buffer.alloc(16 * 1024);

/**
 * A vector's direction, which is all that cosine distance knows of it, as PostgreSQL reads it fastest: in whole numbers. A
 * float32 has seven digits, these have eight. Written from their ends by hand, in a third of the time that a join takes.
 */
function directionText(vector: Float32Array): string {
  let greatest = 0;
  for (let at = 0; at < vector.length; at += 1) greatest = Math.max(greatest, Math.abs(vector[at] ?? 0));
  const scale = 99_999_999 / greatest;
  let from = written.length;
  written[--from] = 93;
  for (let at = vector.length - 1; at >= 0; at -= 1) {
    const scaled = (vector[at] ?? 0) * scale;
    let number = (Math.abs(scaled) + 0.5) | 0;
    do {
      const tenth = (number / 10) | 0;
      written[--from] = 48 + number - tenth * 10;
      number = tenth;
    } while (number > 0);
    if (scaled < 0) written[--from] = 45;
    written[--from] = at === 0 ? 91 : 44;
  }
  return written.toString('latin1', from);
}

/** Which of the datasets the workspace has, and how many chunks are in each. */
export async function selectCounts(
  db: Database,
  actor: Actor,
  ids: readonly number[] | undefined,
): Promise<{ id: number; chunkCount: number }[]> {
  return db
    .select({ id: datasets.id, chunkCount: datasets.chunkCount })
    .from(datasets)
    .where(and(eq(datasets.workspaceId, actor.workspaceId), ids ? inArray(datasets.id, [...ids]) : undefined));
}

/** The latest measurement of each dataset with each number of candidates, of at least so many neighbours: of fewer, more are found. */
export async function selectMeasured(
  db: Database,
  actor: Actor,
  ids: readonly number[],
  leastK: number,
): Promise<{ datasetId: number; efSearch: number; recall: number }[]> {
  const { datasetId, efSearch, recall, k } = datasetRecalls;
  return db
    .selectDistinctOn([datasetId, efSearch], { datasetId, efSearch, recall })
    .from(datasetRecalls)
    .where(and(eq(datasetRecalls.workspaceId, actor.workspaceId), inArray(datasetId, [...ids]), gte(k, leastK)))
    .orderBy(datasetId, efSearch, desc(datasetRecalls.id));
}

export type Scope = Pick<SearchChunksInput, 'filter' | 'createdAfter' | 'createdBefore' | 'datasetIds'> & {
  /** None that was added after it. */
  newestId?: number | undefined;
};

/** The conditions of a search, on `semantic_chunks as c`. */
function conditions(actor: Actor, { datasetIds, filter, createdAfter, createdBefore, newestId }: Scope): SQL {
  const all = [sql`c.workspace_id = ${actor.workspaceId}`];
  if (datasetIds) all.push(sql`c.dataset_id in ${[...datasetIds]}`);
  if (createdAfter) all.push(sql`c.created_at > ${createdAfter.toISOString()}::timestamptz`);
  if (createdBefore) all.push(sql`c.created_at < ${createdBefore.toISOString()}::timestamptz`);
  if (newestId !== undefined) all.push(sql`c.id <= ${newestId}`);
  if (filter) all.push(filterSql(filter));
  return sql.join(all, sql` and `);
}

function filterSql(filter: MetadataFilter): SQL {
  if ('and' in filter) return sql`(${sql.join(filter.and.map(filterSql), sql` and `)})`;
  if ('or' in filter) return sql`(${sql.join(filter.or.map(filterSql), sql` or `)})`;
  // A condition on a value that is not there is false, and its negation true.
  if ('not' in filter) return sql`(${filterSql(filter.not)}) is not true`;
  return conditionSql(filter);
}

function conditionSql({ path, ...tests }: MetadataCondition): SQL {
  const keys = typeof path === 'string' ? [path] : path;
  const at = sql`array[${sql.join(
    keys.map((key) => sql`${key}`),
    sql`, `,
  )}]::text[]`;
  const value = sql`(c.metadata #> ${at})`;
  const text = sql`(c.metadata #>> ${at})`;
  // Containment, because the GIN index serves it; it knows no place in a list, which a key of digits may name.
  const isMaybeInList = keys.some((key) => /^-?\d+$/.test(key));
  const equals = (scalar: unknown) =>
    isMaybeInList
      ? sql`coalesce(${value} = ${JSON.stringify(scalar)}::jsonb, false)`
      : sql`c.metadata @> ${JSON.stringify(keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), scalar))}::jsonb`;
  const compared = (operator: SQL, bound: number | string) =>
    typeof bound === 'number'
      ? sql`(case when jsonb_typeof(${value}) = 'number' then ${text}::float8 ${operator} ${bound}::float8 else false end)`
      : sql`(case when jsonb_typeof(${value}) = 'string' then ${text} collate "C" ${operator} ${bound}::text else false end)`;
  const all: SQL[] = [];
  if (tests.equals !== undefined) all.push(equals(tests.equals));
  if (tests.in) all.push(sql`(${sql.join(tests.in.map(equals), sql` or `)})`);
  if (tests.gt !== undefined) all.push(compared(sql`>`, tests.gt));
  if (tests.gte !== undefined) all.push(compared(sql`>=`, tests.gte));
  if (tests.lt !== undefined) all.push(compared(sql`<`, tests.lt));
  if (tests.lte !== undefined) all.push(compared(sql`<=`, tests.lte));
  if (tests.exists !== undefined) all.push(tests.exists ? sql`${value} is not null` : sql`${value} is null`);
  return sql`(${sql.join(all, sql` and `)})`;
}

/** Where a page ended: how far the last one was, and its id. */
export type Place = readonly [distance: number, id: number];

const Found = z.object({
  id: z.coerce.number(),
  datasetId: z.coerce.number(),
  content: z.string(),
  // Checked when it was stored; the answer's contract looks at it once more.
  metadata: z.custom<Chunk['metadata']>(),
  createdAtMs: z.number(),
  createdBy: z.coerce.number().nullable(),
  /** Less is nearer: cosine distance (0 to 2), or the rank of the words below 0. */
  distance: z.number(),
});
export type Found = z.infer<typeof Found>;

const fields = sql`c.id::float8 as id, c.dataset_id::float8 as "datasetId", c.content, c.metadata,
  (extract(epoch from c.created_at) * 1000)::float8 as "createdAtMs", c.created_by::float8 as "createdBy"`;

type Options = { scope: Scope; limit: number; after?: Place | undefined };

/** A query's vector, which travels once however often the statement names it. */
const askedFor = (embedding: Float32Array) =>
  sql`asked as materialized (select ${directionText(embedding)}::vector as vector)`;
const distance = sql`(c.embedding <=> (select vector from asked))`;
const beyond = (distance: SQL, after: Place | undefined) =>
  after ? sql`and (${distance}, c.id) > (${after[0]}::float8, ${after[1]}::bigint)` : sql``;

/**
 * How the HNSW index is read: `efSearch` candidates once, or, where too few of those pass the conditions, on and on until
 * enough do. The first costs less; what it finds, both find.
 */
export type IndexScan = { efSearch: number; goesOn: boolean };

/**
 * The nearest by cosine distance, by the HNSW index; there may be fewer than match, for either scan has a limit. The inner
 * query knows nothing of the conditions, so that the planner, which cannot estimate what a JSON filter passes, takes the
 * index. One statement, so that its settings, which end with it, need no transaction: `set_config` is evaluated before the
 * scan begins.
 */
export async function nearestByIndex(
  db: Database,
  actor: Actor,
  embedding: Float32Array,
  { scope, limit, after }: Options,
  { efSearch, goesOn }: IndexScan,
): Promise<Found[]> {
  const further = goesOn ? sql`|| set_config('hnsw.iterative_scan', 'relaxed_order', true)` : sql``;
  const query = sql`
    select ${fields}, c.distance
    from (
      select c.*, c.embedding <=> ${directionText(embedding)}::vector as distance from semantic_chunks c
      where (select set_config('hnsw.ef_search', ${String(efSearch)}, true) ${further}) is not null
      order by distance offset 0
    ) c
    where ${conditions(actor, scope)} ${beyond(sql`c.distance`, after)} limit ${sql.raw(String(limit))}`;
  // A scan that goes on hands over each of its rounds in order, but not all of them.
  return (await rows(db, query, Found)).sort((a, b) => a.distance - b.distance || a.id - b.id);
}

const Counted = z.object({ count: z.coerce.number(), found: Found.nullable() });

/** The nearest of at most `atMost` chunks, each compared; undefined where more than that match. */
export async function nearestOfFew(
  db: Database,
  actor: Actor,
  embedding: Float32Array,
  { scope, limit, after }: Options,
  atMost: number,
): Promise<Found[] | undefined> {
  const query = sql`
    with ${askedFor(embedding)}, matched as materialized (
      select c.dataset_id, c.id, c.embedding from semantic_chunks c
      where ${scope.filter ? inTime(db) : sql`true`} and ${conditions(actor, scope)} limit ${atMost + 1}
    ), counted as (select count(*)::float8 as count from matched),
    nearest as (
      select c.dataset_id, c.id, ${distance}::float8 as distance from matched c
      where (select count from counted) <= ${atMost} ${beyond(distance, after)} order by ${distance}, c.id limit ${limit}
    ), found as (
      select ${fields}, nearest.distance
      from nearest join semantic_chunks c on c.dataset_id = nearest.dataset_id and c.id = nearest.id
    )
    select count, case when found.id is not null then to_jsonb(found) end as found
    from counted left join found on true order by found.distance, found.id`;
  const counted = await rows(db, query, Counted);
  return (counted[0]?.count ?? 0) > atMost ? undefined : counted.flatMap(({ found }) => found ?? []);
}

/** The nearest, every chunk that matches compared. Ends with a cancellation after `timeoutMs`. */
export async function nearestOfAll(
  tx: Transaction,
  actor: Actor,
  embedding: Float32Array,
  { scope, limit, after }: Options,
  timeoutMs: number,
): Promise<Found[]> {
  const inTime = await limitTime(tx, timeoutMs);
  // An expression that is not the index's own keeps the planner from it.
  const query = sql`
    with ${askedFor(embedding)}
    select ${fields}, ${distance}::float8 as distance
    from semantic_chunks c where ${conditions(actor, scope)} ${beyond(distance, after)} and ${inTime}
    order by ${distance} + 0, c.id limit ${sql.raw(String(limit))}`;
  return rows(tx, query, Found);
}

/** Chunks with the words of a text, highest rank first; `distance` is the rank below 0. */
export async function matching(
  db: Database,
  actor: Actor,
  text: string,
  { scope, limit, after }: Options,
): Promise<Found[]> {
  const further = after ? sql`where (distance, id) > (${after[0]}::float8, ${after[1]}::bigint)` : sql``;
  const query = sql`
    with query as (
      select websearch_to_tsquery('english', ${text}) as q, websearch_to_tsquery('english', ${rankingPartOf(text)}) as r
    ), ranked as (
      select c.id, c.dataset_id, -ts_rank_cd(c.words, r, 32)::float8 as distance
      from semantic_chunks c, query where ${inTime(db)} and ${conditions(actor, scope)} and c.words @@ q
    ), page as (select * from ranked ${further} order by distance, id limit ${limit})
    select ${fields}, page.distance
    from page join semantic_chunks c on c.dataset_id = page.dataset_id and c.id = page.id
    order by page.distance, c.id`;
  return rows(db, query, Found);
}

const Near = z.object({ id: z.coerce.number(), similarity: z.number() });

/** Similarity of each chunk by its id, for a page of both rankings. */
export async function similaritiesOf(
  db: Database,
  actor: Actor,
  found: readonly Found[],
  embedding: Float32Array,
): Promise<Map<number, number>> {
  if (found.length === 0) return new Map();
  const query = sql`
    with ${askedFor(embedding)}
    select c.id::float8 as id, (1 - ${distance})::float8 as similarity from semantic_chunks c
    where c.workspace_id = ${actor.workspaceId} and c.dataset_id in ${[...new Set(found.map((one) => one.datasetId))]}
      and c.id in ${found.map((one) => one.id)}`;
  return new Map((await rows(db, query, Near)).map(({ id, similarity }) => [id, similarity]));
}
