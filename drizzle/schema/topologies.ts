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
  uuid,
} from 'drizzle-orm/pg-core';
import { id, instant, type Json, owned, reference } from './columns.ts';
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
    // Parts of a topology refer to both columns, so that nothing can refer into another workspace; it also
    // serves the list, newest first.
    unique('topologies_workspace_id_key').on(t.workspaceId, t.id),
    // `topologies.list` of one architecture, newest first.
    index('topologies_architecture_idx').on(t.workspaceId, t.architecture, t.id),
    check('topologies_name_length', sql`char_length(${t.name}) between 1 and 200`),
    check('topologies_config_is_object', sql`jsonb_typeof(${t.config}) = 'object'`),
  ],
);

const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

/**
 * The figures of a topology's training, for `topologies.analytics`: kept by triggers in the transactions that change runs,
 * modules, checkpoints and model versions, so that a reader never counts them. `refresh_topology_figures` works it out anew.
 */
export const topologyFigures = pgTable(
  'topology_figures',
  {
    topologyId: reference('topology_id').primaryKey(),
    workspaceId: reference('workspace_id').notNull(),
    runCount: count('run_count'),
    completedRunCount: count('completed_run_count'),
    /** Counts completed runs that have an accuracy. */
    accuracyCount: count('accuracy_count'),
    accuracySum: doublePrecision('accuracy_sum').notNull().default(0),
    bestAccuracy: doublePrecision('best_accuracy'),
    bestLoss: doublePrecision('best_loss'),
    latestRunAt: instant('latest_run_at'),
    moduleCount: count('module_count'),
    checkpointCount: count('checkpoint_count'),
    datasetCount: count('dataset_count'),
    storageBytes: count('storage_bytes'),
  },
  (t) => [
    foreignKey({
      name: 'topology_figures_topology_fk',
      columns: [t.workspaceId, t.topologyId],
      foreignColumns: [topologies.workspaceId, topologies.id],
    }).onDelete('cascade'),
  ],
);

/** The datasets that the runs of a topology used, each once, with how many runs did. */
export const topologyDatasets = pgTable(
  'topology_datasets',
  {
    topologyId: reference('topology_id').notNull(),
    datasetId: reference('dataset_id').notNull(),
    uses: integer('uses').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.topologyId, t.datasetId] }),
    foreignKey({ columns: [t.topologyId], foreignColumns: [topologies.id] }).onDelete('cascade'),
  ],
);

/** The objects of the checkpoints and model versions of a topology, each once, with how many of these need it. */
export const topologyObjects = pgTable(
  'topology_objects',
  {
    topologyId: reference('topology_id').notNull(),
    objectId: uuid('object_id').notNull(),
    uses: integer('uses').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.topologyId, t.objectId] }),
    foreignKey({ columns: [t.topologyId], foreignColumns: [topologies.id] }).onDelete('cascade'),
  ],
);
