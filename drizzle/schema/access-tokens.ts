import { sql } from 'drizzle-orm';
import { check, foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, owned, reference } from './columns.ts';
import { users, workspaceMembers } from './users.ts';

/** A program's credential: 256 random bits of which only the SHA-256 is kept. */
export const accessTokens = pgTable(
  'access_tokens',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    ...owned(),
    userId: reference('user_id').notNull(),
    name: text('name').notNull(),
    /** Lower-case hex; unique because every request looks a token up by it. */
    tokenHash: text('token_hash').notNull().unique(),
    scope: text('scope', { enum: ['read', 'write', 'admin'] }).notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [
    // Removing a member ends that member's tokens for the workspace.
    foreignKey({
      columns: [t.workspaceId, t.userId],
      foreignColumns: [workspaceMembers.workspaceId, workspaceMembers.userId],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // The list of a workspace's tokens, and the cascade above.
    index('access_tokens_member_idx').on(t.workspaceId, t.userId),
    check('access_tokens_hash_is_sha256', sql`${t.tokenHash} ~ '^[0-9a-f]{64}$'`),
    check('access_tokens_scope', sql`${t.scope} in ('read', 'write', 'admin')`),
  ],
);
