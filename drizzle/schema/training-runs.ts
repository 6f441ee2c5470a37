import { sql } from 'drizzle-orm';
import { check, doublePrecision, foreignKey, index, integer, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { id, instant, type Json, owned, reference } from './columns.ts';
import { datasets } from './datasets.ts';
import { qloraModules } from './qlora-modules.ts';
import { topologies } from './topologies.ts';
import { users } from './users.ts';

export const runStatuses = ['running', 'completed', 'failed', 'lost'] as const;

/** One training of a topology, with what went in and what came out. Its curves are in `metric_series`. */
export const trainingRuns = pgTable(
  'training_runs',
  {
    id: id(),
    ...owned(),
    topologyId: reference('topology_id').notNull(),
    moduleId: reference('module_id'),
    datasetId: reference('dataset_id'),
    name: text('name').notNull(),
    status: text('status', { enum: runStatuses }).notNull(),
    params: jsonb('params').$type<Record<string, Json>>().notNull().default({}),
    tags: text('tags').array().notNull().default([]),
    notes: text('notes').notNull().default(''),
    codeVersion: text('code_version'),
    /** What the run produced, as the caller gave it: `{"final_model": "path/to/model.pt"}`. */
    results: jsonb('results').$type<Record<string, Json>>().notNull().default({}),
    /** A share, 0 to 1. */
    accuracy: doublePrecision('accuracy'),
    /** The last value of the series `loss`, as it was when the run finished. */
    finalLoss: doublePrecision('final_loss'),
    epochs: integer('epochs'),
    startedAt: instant('started_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    foreignKey({
      columns: [t.workspaceId, t.topologyId],
      foreignColumns: [topologies.workspaceId, topologies.id],
    }).onDelete('cascade'),
    // A module or dataset that a run used can go only with, or after, the run: lineage would lie otherwise.
    foreignKey({ columns: [t.workspaceId, t.moduleId], foreignColumns: [qloraModules.workspaceId, qloraModules.id] }),
    foreignKey({ columns: [t.workspaceId, t.datasetId], foreignColumns: [datasets.workspaceId, datasets.id] }),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    unique('training_runs_workspace_id_key').on(t.workspaceId, t.id),
    // The runs of one topology, newest first, and its analytics.
    index('training_runs_topology_idx').on(t.workspaceId, t.topologyId, t.id),
    // The references above, looked up when a module or dataset is deleted.
    index('training_runs_module_idx').on(t.workspaceId, t.moduleId),
    index('training_runs_dataset_idx').on(t.workspaceId, t.datasetId),
    // The list by status, newest first.
    index('training_runs_status_idx').on(t.workspaceId, t.status, t.id),
    check('training_runs_status', sql`${t.status} in ('running', 'completed', 'failed', 'lost')`),
    check('training_runs_finished', sql`(${t.status} in ('completed', 'failed')) = (${t.finishedAt} is not null)`),
    check('training_runs_accuracy', sql`${t.accuracy} between 0 and 1`),
    check('training_runs_epochs', sql`${t.epochs} >= 0`),
  ],
);
