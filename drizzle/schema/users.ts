import { sql } from 'drizzle-orm';
import { boolean, check, foreignKey, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, instant, owned, reference } from './columns.ts';
import { workspaces } from './workspaces.ts';

/** A person. People may belong to several workspaces, so that it is the membership that belongs to one. */
export const users = pgTable(
  'users',
  {
    id: id(),
    username: text('username').notNull(),
    email: text('email').notNull(),
    /**
     * Whether an admin of the installation vouches for it, and no owner may know a password set since: the OIDC provider's
     * word for an address then is this person, who joins other workspaces by being signed in.
     */
    emailVerified: boolean('email_verified').notNull().default(false),
    /** A picture's address, as the OIDC provider gives it. */
    image: text('image'),
    isAdmin: boolean('is_admin').notNull().default(false),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at')
      .notNull()
      .defaultNow()
      .$onUpdate(() => new Date()),
    createdBy: reference('created_by'),
  },
  (t) => [
    // Sign-in and the refusal of a second account: neither case nor spelling of the domain makes another person. A name may
    // be another's, or whoever chooses one would learn of people of other workspaces.
    uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
    check('users_username_length', sql`char_length(${t.username}) between 1 and 100`),
    check('users_email_has_at', sql`${t.email} like '%_@_%' and char_length(${t.email}) <= 320`),
  ],
);

export const workspaceMembers = pgTable(
  'workspace_members',
  {
    ...owned(),
    userId: reference('user_id').notNull(),
    role: text('role', { enum: ['owner', 'editor', 'viewer'] }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.userId] }),
    // Which workspaces a person belongs to, at sign-in.
    index('workspace_members_user_idx').on(t.userId),
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    foreignKey({ columns: [t.userId], foreignColumns: [users.id] }).onDelete('cascade'),
    check('workspace_members_role', sql`${t.role} in ('owner', 'editor', 'viewer')`),
  ],
);
