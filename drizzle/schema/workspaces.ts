import { sql } from 'drizzle-orm';
import { check, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant, reference } from './columns.ts';

/** A team's own part of the installation. Nothing in it is visible from another workspace. */
export const workspaces = pgTable(
  'workspaces',
  {
    id: id(),
    name: text('name').notNull().unique(),
    /**
     * Leads every object key of this workspace. Empty for the first workspace, whose keys are then those that the
     * buckets' layout names (`models/transformer-v1.json`); `<name>/` for the others, so that two cannot collide.
     */
    objectPrefix: text('object_prefix').notNull().unique(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at')
      .notNull()
      .defaultNow()
      .$onUpdate(() => new Date()),
    createdBy: reference('created_by'),
  },
  (t) => [
    check('workspaces_name_is_a_slug', sql`${t.name} ~ '^[a-z0-9][a-z0-9-]{0,62}$'`),
    // They would begin like the keys of the first workspace, which has no prefix.
    check(
      'workspaces_name_is_no_folder',
      sql`${t.name} not in ('models', 'checkpoints', 'datasets', 'logs', 'artifacts', 'uploads')`,
    ),
    check('workspaces_prefix_is_a_folder', sql`${t.objectPrefix} = '' or ${t.objectPrefix} like '%/'`),
  ],
);
