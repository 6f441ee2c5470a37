import { foreignKey, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { id, type Json, owned } from './columns.ts';
import { workspaces } from './workspaces.ts';

/**
 * One row for each change: its actor, action and target. Written in the transaction of the change. A trigger refuses every update, and deletion but
 * by the retention, which says so in its transaction and may take old rows only.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    id: id(),
    ...owned(),
    /** The procedure: `topologies.create`. */
    action: text('action').notNull(),
    /** The thing that was changed: `topology:123`. */
    target: text('target').notNull(),
    /** The token used; null where a person was signed in. */
    tokenId: uuid('token_id'),
    /** The caller's address, as the server or its nearest trusted proxy saw it. */
    address: text('address'),
    details: jsonb('details').$type<Record<string, Json>>().notNull().default({}),
  },
  (t) => [
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    // The log of a workspace, newest first; and of one thing.
    index('audit_log_list_idx').on(t.workspaceId, t.id),
    index('audit_log_target_idx').on(t.workspaceId, t.target, t.id),
    // The entries past their time, in every workspace.
    index('audit_log_age_idx').on(t.createdAt),
  ],
);
