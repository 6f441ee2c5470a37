import { sql } from 'drizzle-orm';
import { boolean, check, foreignKey, index, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant, owned } from './columns.ts';
import { users } from './users.ts';
import { workspaces } from './workspaces.ts';

/** The only way to sign up: 256 random bits, of which the SHA-256 is kept, given once to whoever invites. */
export const invitations = pgTable(
  'invitations',
  {
    id: id(),
    ...owned(),
    email: text('email').notNull(),
    role: text('role', { enum: ['owner', 'editor', 'viewer'] }).notNull(),
    /** Whether the person becomes an admin of the installation. Admins alone invite so. */
    makesAdmin: boolean('makes_admin').notNull().default(false),
    tokenHash: text('token_hash').notNull().unique(),
    expiresAt: instant('expires_at').notNull(),
    acceptedAt: instant('accepted_at'),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // The list of a workspace's invitations.
    index('invitations_list_idx').on(t.workspaceId, t.id),
    check('invitations_role', sql`${t.role} in ('owner', 'editor', 'viewer')`),
  ],
);
