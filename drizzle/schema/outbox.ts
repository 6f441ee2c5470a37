import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant, owned, reference } from './columns.ts';
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
    // The effects that the relay may take next.
    index('outbox_due_idx').on(t.availableAt, t.id).where(sql`parked_at is null`),
    // Whether an older effect of the same entity still waits.
    index('outbox_entity_idx').on(t.entity, t.id),
    check('outbox_attempts', sql`${t.attempts} >= 0`),
  ],
);

/**
 * Where in the object store an effect that removes many objects is to remove: an upload finds by its place what it must wait
 * for. The effect's payload says whether a place is still to be done.
 */
export const outboxPlaces = pgTable(
  'outbox_places',
  {
    /** `bucket/key`, the key with all that leads it below the installation's folder. */
    place: text('place').notNull(),
    effectId: reference('effect_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.place, t.effectId] }),
    foreignKey({ columns: [t.effectId], foreignColumns: [outbox.id] }).onDelete('cascade'),
    // The rows that go with an effect that is done.
    index('outbox_places_effect_idx').on(t.effectId),
  ],
);
