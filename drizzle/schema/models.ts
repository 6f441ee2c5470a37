import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { id, type Json, owned, reference } from './columns.ts';
import { qloraModules } from './qlora-modules.ts';
import { storedObjects } from './stored-objects.ts';
import { topologies } from './topologies.ts';
import { trainingRuns } from './training-runs.ts';
import { users } from './users.ts';
import { workspaces } from './workspaces.ts';

export const models = pgTable(
  'models',
  {
    id: id(),
    ...owned(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** Counts up only, so that a version's number is never given twice. */
    latestVersion: integer('latest_version').notNull().default(0),
  },
  (t) => [
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    unique('models_workspace_id_key').on(t.workspaceId, t.id),
    // A model by its name, as uploads and downloads ask for it.
    unique('models_name_key').on(t.workspaceId, t.name),
    check('models_name_length', sql`char_length(${t.name}) between 1 and 200`),
  ],
);

/** An immutable version of a model: its bytes, and where they came from. */
export const modelVersions = pgTable(
  'model_versions',
  {
    ...owned(),
    modelId: reference('model_id').notNull(),
    version: integer('version').notNull(),
    objectId: uuid('object_id').notNull(),
    /** accuracy, compression_ratio, the caller's own version label … */
    metadata: jsonb('metadata').$type<Record<string, Json>>().notNull().default({}),
    topologyId: reference('topology_id'),
    moduleId: reference('module_id'),
    runId: reference('run_id'),
    /** The caller's name for the call that made it: the same call again answers this version. */
    requestId: uuid('request_id'),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.version] }),
    // A call that is repeated because its answer was lost.
    uniqueIndex('model_versions_request_key').on(t.workspaceId, t.requestId).where(sql`request_id is not null`),
    foreignKey({ columns: [t.workspaceId, t.modelId], foreignColumns: [models.workspaceId, models.id] }).onDelete(
      'cascade',
    ),
    // An object that a version needs cannot be deleted under it.
    foreignKey({ columns: [t.workspaceId, t.objectId], foreignColumns: [storedObjects.workspaceId, storedObjects.id] }),
    foreignKey({ columns: [t.workspaceId, t.topologyId], foreignColumns: [topologies.workspaceId, topologies.id] }),
    foreignKey({ columns: [t.workspaceId, t.moduleId], foreignColumns: [qloraModules.workspaceId, qloraModules.id] }),
    foreignKey({ columns: [t.workspaceId, t.runId], foreignColumns: [trainingRuns.workspaceId, trainingRuns.id] }),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // The references above, looked up when their target is deleted.
    index('model_versions_object_idx').on(t.workspaceId, t.objectId),
    index('model_versions_topology_idx').on(t.workspaceId, t.topologyId),
    index('model_versions_module_idx').on(t.workspaceId, t.moduleId),
    index('model_versions_run_idx').on(t.workspaceId, t.runId),
    check('model_versions_version', sql`${t.version} >= 1`),
  ],
);

/** A name for one version of a model, such as `champion`, which may move to another. */
export const modelAliases = pgTable(
  'model_aliases',
  {
    ...owned(),
    modelId: reference('model_id').notNull(),
    alias: text('alias').notNull(),
    version: integer('version').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.alias] }),
    foreignKey({ columns: [t.workspaceId, t.modelId], foreignColumns: [models.workspaceId, models.id] }).onDelete(
      'cascade',
    ),
    foreignKey({
      columns: [t.modelId, t.version],
      foreignColumns: [modelVersions.modelId, modelVersions.version],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    check('model_aliases_alias', sql`${t.alias} ~ '^[a-z][a-z0-9_-]{0,62}$'`),
  ],
);

/** The state of a topology's training at a step. */
export const checkpoints = pgTable(
  'checkpoints',
  {
    id: id(),
    ...owned(),
    topologyId: reference('topology_id').notNull(),
    runId: reference('run_id'),
    name: text('name').notNull(),
    step: bigint('step', { mode: 'number' }),
    objectId: uuid('object_id').notNull(),
    metadata: jsonb('metadata').$type<Record<string, Json>>().notNull().default({}),
  },
  (t) => [
    foreignKey({
      columns: [t.workspaceId, t.topologyId],
      foreignColumns: [topologies.workspaceId, topologies.id],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.workspaceId, t.runId], foreignColumns: [trainingRuns.workspaceId, trainingRuns.id] }),
    foreignKey({ columns: [t.workspaceId, t.objectId], foreignColumns: [storedObjects.workspaceId, storedObjects.id] }),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // The list of a topology, newest first; the name is the file's, so that it names one checkpoint.
    index('checkpoints_list_idx').on(t.workspaceId, t.topologyId, t.id),
    unique('checkpoints_name_key').on(t.topologyId, t.name),
    index('checkpoints_object_idx').on(t.workspaceId, t.objectId),
    index('checkpoints_run_idx').on(t.workspaceId, t.runId),
    check('checkpoints_step', sql`${t.step} >= 0`),
  ],
);
