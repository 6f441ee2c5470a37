import { sql } from 'drizzle-orm';
import { bigint, foreignKey, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, owned, tsvector } from './columns.ts';
import { workspaces } from './workspaces.ts';

/** What `context.search` searches: a projection of the CouchDB context documents, kept by following `_changes`. */
export const contextIndex = pgTable(
  'context_index',
  {
    ...owned(),
    documentId: text('document_id').notNull(),
    revision: text('revision').notNull(),
    topologyId: bigint('topology_id', { mode: 'number' }),
    type: text('type').notNull(),
    /** Of the metadata, for the filters of a search. */
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
    // Search by words.
    index('context_index_words_idx').using('gin', t.words),
    // Removal by the follower, which knows a deleted document's id and no more.
    index('context_index_document_idx').on(t.documentId),
  ],
);

/** How far each follower has read. One row a CouchDB database. */
export const followerPositions = pgTable('follower_positions', {
  database: text('database').primaryKey(),
  /** CouchDB's opaque sequence. */
  sequence: text('sequence').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});
