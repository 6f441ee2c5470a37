import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  vector,
} from 'drizzle-orm/pg-core';
import { type Json, owned, reference, tsvector } from './columns.ts';
import { datasets } from './datasets.ts';
import { users } from './users.ts';

export const embeddingDimensions = 384;

/**
 * A piece of text with its embedding. `dataset_id` leads the key, so that the table can be sharded by it.
 * The HNSW index on `embedding` (cosine) is in a hand-written migration, as is that vectors are stored in their rows.
 */
export const semanticChunks = pgTable(
  'semantic_chunks',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity(),
    ...owned(),
    datasetId: reference('dataset_id').notNull(),
    content: text('content').notNull(),
    /** SHA-256 of the content in UTF-8, lower-case hex: the same text is stored once in a dataset. */
    contentHash: text('content_hash').notNull(),
    embedding: vector('embedding', { dimensions: embeddingDimensions }).notNull(),
    metadata: jsonb('metadata').$type<Record<string, Json>>().notNull().default({}),
    /** Stored, for a rank is made of every row that has the words: to parse their texts again takes a search seconds. */
    words: tsvector('words').notNull().generatedAlwaysAs(sql`to_tsvector('english', content)`),
  },
  (t) => [
    // A chunk by its id, and the list of a dataset, newest first.
    primaryKey({ columns: [t.datasetId, t.id] }),
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // Search by words.
    index('semantic_chunks_words_idx').using('gin', t.words),
    // A filter that asks for equal metadata, by containment.
    index('semantic_chunks_metadata_idx').using('gin', sql`${t.metadata} jsonb_path_ops`),
    unique('semantic_chunks_content_key').on(t.datasetId, t.contentHash),
    check('semantic_chunks_content_not_empty', sql`${t.content} <> ''`),
    check('semantic_chunks_hash_is_sha256', sql`${t.contentHash} ~ '^[0-9a-f]{64}$'`),
  ],
);
