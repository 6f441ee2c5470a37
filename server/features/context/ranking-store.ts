import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, inTime, rows } from '../../stores/postgres.ts';
import { rankingPartOf } from '../highlight.ts';
import type { SearchContextInput } from './contract.ts';

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

/** Newest documents sampled to learn whether many match. */
const sampled = 500;
const manyOfSample = 50;
/** Where many documents match, only this many of the newest are ranked: ranking 100,000 took most of a second. */
const maxRanked = 3_000;
const maxWalked = (maxRanked * sampled) / manyOfSample;
/** Where fewer match, all are ranked, up to this bound for an index of millions. */
const maxFound = 20_000;

/** Hits by their score, at most `limit`. Normalization 32 of ts_rank_cd maps a rank to rank / (rank + 1). */
export async function rankByWords(
  db: Database,
  actor: Actor,
  input: SearchContextInput,
  limit: number,
  after?: HitPlace,
): Promise<Hit[]> {
  const asked = sql`query as (
    select websearch_to_tsquery('english', ${input.text}) as q, websearch_to_tsquery('english', ${rankingPartOf(input.text)}) as r)`;
  const matches = sql`${inTime(db)} and ${filterOf(actor, input)} and c.words @@ q`;
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
      select document_id, ts_rank_cd(words, r, 32)::float8 as score from candidates, query where ${inTime(db)}
    )
    select document_id as "documentId", score from ranked ${beyond} order by score desc, document_id desc limit ${limit}`;
  return rows(db, query, Hit);
}

/** Up to this many documents of a workspace are compared one by one, and none is missed. */
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

/** The text form of a vector that pgvector reads. */
export const vectorText = (vector: Float32Array) => `[${vector.join(',')}]`;
