import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { datasets, semanticChunks } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { copyInto, type Database, rows, type Transaction } from '../../stores/postgres.ts';
import type { Chunk, ChunkWithEmbedding, ListChunksInput } from './contract.ts';

const columns = {
  id: semanticChunks.id,
  datasetId: semanticChunks.datasetId,
  content: semanticChunks.content,
  metadata: semanticChunks.metadata,
  createdAt: semanticChunks.createdAt,
  createdBy: semanticChunks.createdBy,
};

/** Owner of new rows; no user where the one that a server works for is gone. */
export type Owner = { workspaceId: number; userId: number | null };

const mine = (actor: Owner, datasetId: number) =>
  and(eq(semanticChunks.workspaceId, actor.workspaceId), eq(semanticChunks.datasetId, datasetId));

export type ChunkRow = { content: string; contentHash: string; embedding: Float32Array; metadata: Chunk['metadata'] };

const Inserted = z.object({ id: z.coerce.number(), contentHash: z.string() });

/**
 * Inserts the rows whose text the dataset has not, and answers their ids by hash. The rows' hashes are different. They go
 * through a table of the connection's own, for COPY itself knows no conflicts.
 */
export async function insertChunks(
  tx: Transaction,
  actor: Owner,
  datasetId: number,
  given: readonly ChunkRow[],
): Promise<Map<string, number>> {
  await tx.execute(sql`
    create temporary table if not exists incoming_chunks
      (content text, content_hash text, embedding vector, metadata jsonb) on commit delete rows`);
  const columns = ['content', 'content_hash', 'embedding', 'metadata'];
  const values = given.map((row) => [
    row.content,
    row.contentHash,
    row.embedding,
    { jsonb: JSON.stringify(row.metadata) },
  ]);
  await copyInto(tx, 'incoming_chunks', columns, values);
  // In one order for everybody, so that two calls with the same texts cannot wait for each other.
  const query = sql`
    insert into semantic_chunks (workspace_id, created_by, dataset_id, content, content_hash, embedding, metadata)
    select ${actor.workspaceId}::bigint, ${actor.userId}::bigint, ${datasetId}::bigint, content, content_hash, embedding, metadata
    from incoming_chunks order by content_hash collate "C"
    on conflict (dataset_id, content_hash) do nothing
    returning id::float8 as id, content_hash as "contentHash"`;
  return new Map((await rows(tx, query, Inserted)).map(({ id, contentHash }) => [contentHash, id]));
}

/** Ids of chunks by the hashes of their texts. */
export async function findIdsByHash(
  tx: Transaction,
  actor: Actor,
  datasetId: number,
  hashes: readonly string[],
): Promise<Map<string, number>> {
  if (hashes.length === 0) return new Map();
  const found = await tx
    .select({ id: semanticChunks.id, hash: semanticChunks.contentHash })
    .from(semanticChunks)
    .where(and(mine(actor, datasetId), inArray(semanticChunks.contentHash, [...hashes])));
  return new Map(found.map(({ id, hash }) => [hash, id]));
}

/** The dataset stays as long as the transaction; others may add to it meanwhile. */
export async function holdDataset(tx: Transaction, actor: Owner, id: number): Promise<boolean> {
  const found = await tx
    .select({ id: datasets.id })
    .from(datasets)
    .where(and(eq(datasets.workspaceId, actor.workspaceId), eq(datasets.id, id)))
    .for('key share');
  return found.length > 0;
}

/** Keeps the dataset's count. The last statement of its transaction, for it holds the row against everybody. */
export async function countChunks(tx: Transaction, actor: Owner, datasetId: number, change: number): Promise<void> {
  if (change === 0) return;
  await tx
    .update(datasets)
    .set({ chunkCount: sql`${datasets.chunkCount} + ${change}`, updatedAt: new Date() })
    .where(and(eq(datasets.workspaceId, actor.workspaceId), eq(datasets.id, datasetId)));
}

export async function findChunk(
  db: Database,
  actor: Actor,
  datasetId: number,
  id: number,
): Promise<ChunkWithEmbedding | undefined> {
  const [row] = await db
    .select({ ...columns, embedding: semanticChunks.embedding })
    .from(semanticChunks)
    .where(and(mine(actor, datasetId), eq(semanticChunks.id, id)));
  return row && { ...row, embedding: Float32Array.from(row.embedding) };
}

export async function selectChunks(
  db: Database,
  actor: Actor,
  { datasetId, limit }: ListChunksInput,
  before: number | undefined,
): Promise<Chunk[]> {
  return db
    .select(columns)
    .from(semanticChunks)
    .where(and(mine(actor, datasetId), before === undefined ? undefined : lt(semanticChunks.id, before)))
    .orderBy(desc(semanticChunks.id))
    .limit(limit + 1);
}

export async function deleteChunkRow(tx: Transaction, actor: Actor, datasetId: number, id: number): Promise<boolean> {
  const deleted = await tx
    .delete(semanticChunks)
    .where(and(mine(actor, datasetId), eq(semanticChunks.id, id)))
    .returning({ id: semanticChunks.id });
  return deleted.length > 0;
}

const Sample = z.object({ id: z.coerce.number(), embedding: z.string() });

/** At most `count` chunks of a dataset, drawn at random, with their embeddings. */
export async function sampleChunks(
  db: Database,
  actor: Actor,
  datasetId: number,
  count: number,
): Promise<{ id: number; embedding: Float32Array }[]> {
  // Ids have gaps: one after a gap is drawn more often, which a measurement bears and a sort of all of them does not pay for.
  const query = sql`
    with bounds as (
      select min(id) as least, max(id) as most from semantic_chunks
      where workspace_id = ${actor.workspaceId} and dataset_id = ${datasetId}
    ), drawn as (
      select least + floor(random() * (most - least + 1))::bigint as at from bounds, generate_series(1, ${count}::int)
    )
    select distinct on (c.id) c.id::float8 as id, c.embedding::text as embedding from drawn cross join lateral (
      select id, embedding from semantic_chunks where dataset_id = ${datasetId} and id >= drawn.at order by id limit 1
    ) c`;
  const drawn = await rows(db, query, Sample);
  return drawn.map(({ id, embedding }) => ({ id, embedding: Float32Array.from(JSON.parse(embedding)) }));
}
