import { bigint, boolean, foreignKey, index, pgSequence, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { reference } from './columns.ts';
import { workspaces } from './workspaces.ts';

export const documentFeedPositions = pgSequence('document_feed_positions');

/**
 * The feed of subscriptions: the newest change of each followed document, in an order. Followers alone write it, one
 * at a time, so that positions become visible in their order and a reader misses none. Without times and author, which the
 * document has: there is a row for every point of every experiment.
 */
export const documentFeed = pgTable(
  'document_feed',
  {
    database: text('database').notNull(),
    documentId: text('document_id').notNull(),
    workspaceId: reference('workspace_id').notNull(),
    revision: text('revision').notNull(),
    /** The topology or experiment that it belongs to: `topology-12`, or an experiment's id; empty for none. */
    scope: text('scope').notNull(),
    position: bigint('position', { mode: 'number' }).notNull(),
    isDeleted: boolean('is_deleted').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.database, t.documentId] }),
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    // The changes behind a position, in a workspace.
    index('document_feed_database_idx').on(t.workspaceId, t.database, t.position),
    // … and in a topology or an experiment.
    index('document_feed_scope_idx').on(t.workspaceId, t.scope, t.position),
  ],
);
