import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
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
    /** The run of a sweep that this one is a trial of. */
    parentRunId: reference('parent_run_id'),
    name: text('name').notNull(),
    status: text('status', { enum: runStatuses }).notNull(),
    params: jsonb('params').$type<Record<string, Json>>().notNull().default({}),
    tags: text('tags').array().notNull().default([]),
    notes: text('notes').notNull().default(''),
    codeVersion: text('code_version'),
    /** Whether the least or the greatest value of a metric is its best one, where its name does not tell. */
    goals: jsonb('goals').$type<Record<string, 'min' | 'max'>>().notNull().default({}),
    /** The run's results, as the caller gave them: `{"final_model": "path/to/model.pt"}`. */
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
    // A module that a run used can go only with, or after, the run: lineage would lie otherwise.
    foreignKey({ columns: [t.workspaceId, t.moduleId], foreignColumns: [qloraModules.workspaceId, qloraModules.id] }),
    // Set null, of this column alone, by the migration: a trial outlives its sweep's topology.
    foreignKey({
      name: 'training_runs_parent_fk',
      columns: [t.workspaceId, t.parentRunId],
      foreignColumns: [t.workspaceId, t.id],
    }),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    unique('training_runs_workspace_id_key').on(t.workspaceId, t.id),
    // The runs of one topology, newest first, and its analytics.
    index('training_runs_topology_idx').on(t.workspaceId, t.topologyId, t.id),
    // The reference above, looked up when a module is deleted; and the runs of a module.
    index('training_runs_module_idx').on(t.workspaceId, t.moduleId),
    // The trials of a sweep, and the reference to it.
    index('training_runs_parent_idx').on(t.workspaceId, t.parentRunId, t.id),
    // The trend of a topology's accuracy, over its latest completed runs.
    index('training_runs_trend_idx').on(t.topologyId, t.id).where(sql`status = 'completed' and accuracy is not null`),
    // The search for runs whose lease is over, in every workspace.
    index('training_runs_running_idx').on(t.id).where(sql`status = 'running'`),
    // `training.list` by a field of the run, as a condition and as the order; and by tag.
    index('training_runs_accuracy_idx').on(t.workspaceId, t.accuracy, t.id),
    index('training_runs_loss_idx').on(t.workspaceId, t.finalLoss, t.id),
    index('training_runs_epochs_idx').on(t.workspaceId, t.epochs, t.id),
    index('training_runs_started_idx').on(t.workspaceId, t.startedAt, t.id),
    index('training_runs_finished_idx').on(t.workspaceId, t.finishedAt, t.id),
    index('training_runs_name_idx').on(t.workspaceId, t.name, t.id),
    index('training_runs_tags_idx').using('gin', t.tags),
    // The list by status, newest first.
    index('training_runs_status_idx').on(t.workspaceId, t.status, t.id),
    check('training_runs_status', sql`${t.status} in ('running', 'completed', 'failed', 'lost')`),
    check('training_runs_finished', sql`(${t.status} in ('completed', 'failed')) = (${t.finishedAt} is not null)`),
    check('training_runs_accuracy', sql`${t.accuracy} between 0 and 1`),
    check('training_runs_epochs', sql`${t.epochs} >= 0`),
  ],
);

/** The datasets that a run was trained on. */
export const runDatasets = pgTable(
  'run_datasets',
  {
    ...owned(),
    runId: reference('run_id').notNull(),
    datasetId: reference('dataset_id').notNull(),
    /** The dataset's version; null where the run did not say. */
    version: integer('version'),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.datasetId] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [trainingRuns.workspaceId, trainingRuns.id],
    }).onDelete('cascade'),
    // A dataset that a run used can go only with, or after, the run: lineage would lie otherwise.
    foreignKey({ columns: [t.workspaceId, t.datasetId], foreignColumns: [datasets.workspaceId, datasets.id] }),
    // The runs that used a dataset, newest first.
    index('run_datasets_dataset_idx').on(t.workspaceId, t.datasetId, t.runId),
    check('run_datasets_version', sql`${t.version} >= 1`),
  ],
);

/**
 * The columns of a run that change with each write. A write locks this narrow row and updates it in place; so writes to
 * one run come one after the other, and `revision` is seen in the order in which it counts.
 */
export const runProgress = pgTable(
  'run_progress',
  {
    ...owned(),
    runId: reference('run_id').primaryKey(),
    /** Counts every change of points or of the status. */
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    pointCount: bigint('point_count', { mode: 'number' }).notNull().default(0),
    leaseSeconds: integer('lease_seconds').notNull(),
    /** When a running run is given up as lost, unless its logger writes before; null once it is finished. */
    leaseExpiresAt: instant('lease_expires_at'),
  },
  (t) => [
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [trainingRuns.workspaceId, trainingRuns.id],
    }).onDelete('cascade'),
    check('run_progress_lease', sql`${t.leaseSeconds} between 1 and 604800`),
  ],
);

/** The numbers, texts and truth values of a run's params by their paths, `optimizer.lr`: what runs are found by. */
export const runParams = pgTable(
  'run_params',
  {
    ...owned(),
    runId: reference('run_id').notNull(),
    path: text('path').notNull(),
    /** null where the value is no number. */
    number: doublePrecision('number'),
    /** The first 200 characters. */
    text: text('text').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.path] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [trainingRuns.workspaceId, trainingRuns.id],
    }).onDelete('cascade'),
    // `training.list` by a param: as a condition and as the order.
    index('run_params_number_idx').on(t.workspaceId, t.path, t.number, t.runId),
    index('run_params_text_idx').on(t.workspaceId, t.path, t.text, t.runId),
  ],
);
