import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant, owned } from './columns.ts';
import { workspaces } from './workspaces.ts';

/** A change of another store, decided in a transaction here and applied after it. A row goes when it is done. */
export const outbox = pgTable(
  'outbox',
  {
    id: id(),
    ...owned(),
    kind: text('kind').notNull(),
    payload: jsonb('payload').$type<unknown>().notNull(),
    /** Effects of one entity are applied in the order of their ids. */
    entity: text('entity').notNull(),
    attempts: integer('attempts').notNull().default(0),
    availableAt: instant('available_at').notNull().defaultNow(),
    /** Set when the attempts are used up; such a row waits for a person. */
    parkedAt: instant('parked_at'),
    lastError: text('last_error'),
  },
  (t) => [
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    // What the relay may take next.
    index('outbox_due_idx').on(t.availableAt, t.id).where(sql`parked_at is null`),
    // Whether an older effect of the same entity still waits.
    index('outbox_entity_idx').on(t.entity, t.id),
    check('outbox_attempts', sql`${t.attempts} >= 0`),
  ],
);
