import { sql } from 'drizzle-orm';
import { check, foreignKey, index, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { id, type Json, owned } from './columns.ts';
import { users } from './users.ts';
import { workspaces } from './workspaces.ts';

/** A model architecture. Names may repeat: two people may both try `my-transformer`. */
export const topologies = pgTable(
  'topologies',
  {
    id: id(),
    ...owned(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    architecture: text('architecture').notNull(),
    config: jsonb('config').$type<Record<string, Json>>().notNull().default({}),
  },
  (t) => [
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // What belongs to a topology refers to both columns, so that nothing can refer into another workspace; it also
    // serves the list, newest first.
    unique('topologies_workspace_id_key').on(t.workspaceId, t.id),
    // `topologies.list` of one architecture, newest first.
    index('topologies_architecture_idx').on(t.workspaceId, t.architecture, t.id),
    check('topologies_name_length', sql`char_length(${t.name}) between 1 and 200`),
    check('topologies_config_is_object', sql`jsonb_typeof(${t.config}) = 'object'`),
  ],
);
