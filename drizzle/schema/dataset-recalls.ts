import { sql } from 'drizzle-orm';
import { bigint, check, doublePrecision, foreignKey, index, integer, pgTable } from 'drizzle-orm/pg-core';
import { id, owned, reference } from './columns.ts';
import { datasets } from './datasets.ts';
import { users } from './users.ts';

/** How much of the truth the index found in a dataset, and how fast, with so many candidates. */
export const datasetRecalls = pgTable(
  'dataset_recalls',
  {
    id: id(),
    ...owned(),
    datasetId: reference('dataset_id').notNull(),
    k: integer('k').notNull(),
    efSearch: integer('ef_search').notNull(),
    /** The share of the exact nearest k that the index found, 0 to 1. */
    recall: doublePrecision('recall').notNull(),
    sampleCount: integer('sample_count').notNull(),
    chunkCount: bigint('chunk_count', { mode: 'number' }).notNull(),
    medianMs: doublePrecision('median_ms').notNull(),
    p95Ms: doublePrecision('p95_ms').notNull(),
    exactMedianMs: doublePrecision('exact_median_ms').notNull(),
  },
  (t) => [
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // The measurements of a dataset, newest first; a search that asks for a recall chooses by it.
    index('dataset_recalls_idx').on(t.datasetId, t.id),
    check('dataset_recalls_recall', sql`${t.recall} between 0 and 1`),
  ],
);
