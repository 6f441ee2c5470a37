import { sql } from 'drizzle-orm';
import { bigint, check, foreignKey, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { id, type Json, owned } from './columns.ts';
import { users } from './users.ts';
import { workspaces } from './workspaces.ts';

/** A named collection of files and of text chunks. */
export const datasets = pgTable(
  'datasets',
  {
    id: id(),
    ...owned(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    metadata: jsonb('metadata').$type<Record<string, Json>>().notNull().default({}),
    /** Kept as chunks come and go: counting a million of them takes longer than a search may. */
    chunkCount: bigint('chunk_count', { mode: 'number' }).notNull().default(0),
  },
  (t) => [
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    unique('datasets_workspace_id_key').on(t.workspaceId, t.id),
    // The name is the folder of the dataset's files, and how an upload finds its dataset.
    unique('datasets_name_key').on(t.workspaceId, t.name),
    check('datasets_chunk_count', sql`${t.chunkCount} >= 0`),
    check('datasets_name_length', sql`char_length(${t.name}) between 1 and 200`),
  ],
);
