import { sql } from 'drizzle-orm';
import { bigint, foreignKey, index, pgTable, primaryKey, text, vector } from 'drizzle-orm/pg-core';
import { instant, owned, reference, tsvector } from './columns.ts';
import { embeddingDimensions } from './semantic-chunks.ts';
import { workspaces } from './workspaces.ts';

/** The index behind `context.search`: a projection of the CouchDB context documents, kept by following `_changes`. */
export const contextIndex = pgTable(
  'context_index',
  {
    ...owned(),
    documentId: text('document_id').notNull(),
    revision: text('revision').notNull(),
    topologyId: bigint('topology_id', { mode: 'number' }),
    type: text('type').notNull(),
    /** From the metadata, for the filters of a search. */
    tags: text('tags').array().notNull().default([]),
    author: text('author'),
    priority: text('priority'),
    body: text('body').notNull(),
    documentAt: instant('document_at').notNull(),
    words: tsvector('words').notNull().generatedAlwaysAs(sql`to_tsvector('english', body)`),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.documentId] }),
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    // The newest first: where many documents have the words searched for, these are ranked.
    index('context_index_newest_idx').on(t.workspaceId, t.documentAt, t.documentId),
    // Documents to embed, in the order in which they came.
    index('context_index_updated_idx').on(t.updatedAt),
    // Search by words.
    index('context_index_words_idx').using('gin', t.words),
    // Removal by the follower, which knows a deleted document's id and no more.
    index('context_index_document_idx').on(t.documentId),
  ],
);

/**
 * The vectors of the documents in the index, where the server makes embeddings. In rows of their own: to put a vector into the
 * document's row would write its words' index entries again.
 */
export const contextEmbeddings = pgTable(
  'context_embeddings',
  {
    workspaceId: reference('workspace_id').notNull(),
    documentId: text('document_id').notNull(),
    /** The revision that was embedded; another one is embedded again. */
    revision: text('revision').notNull(),
    model: text('model').notNull(),
    /** null: the endpoint refused this text. */
    embedding: vector('embedding', { dimensions: embeddingDimensions }),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.documentId] }),
    foreignKey({
      name: 'context_embeddings_document_fk',
      columns: [t.workspaceId, t.documentId],
      foreignColumns: [contextIndex.workspaceId, contextIndex.documentId],
    }).onDelete('cascade'),
    // Search by meaning, by cosine distance.
    index('context_embeddings_embedding_idx').using('hnsw', t.embedding.op('vector_cosine_ops')),
  ],
);

/** How far each follower has read. One row a CouchDB database. */
export const followerPositions = pgTable('follower_positions', {
  database: text('database').primaryKey(),
  /** CouchDB's opaque sequence. */
  sequence: text('sequence').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});
