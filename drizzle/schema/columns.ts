import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** A value in a jsonb column of the caller’s own. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Milliseconds are what a JavaScript Date holds; more would not survive the way to a client and back in a cursor. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** The words by which a text is found. */
export const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

export const id = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();

export const reference = (name: string) => bigint(name, { mode: 'number' });

/** Every row says whose it is, when it came and changed, and who made it (null: the server itself). */
export const owned = () => ({
  workspaceId: reference('workspace_id').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at')
    .notNull()
    .defaultNow()
    .$onUpdate(() => new Date()),
  createdBy: reference('created_by'),
});
