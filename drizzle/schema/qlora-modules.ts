import { sql } from 'drizzle-orm';
import {
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { id, type Json, owned, reference } from './columns.ts';
import { storedObjects } from './stored-objects.ts';
import { topologies } from './topologies.ts';
import { users } from './users.ts';

/** A low-rank adapter of a topology, as PEFT describes it. */
export const qloraModules = pgTable(
  'qlora_modules',
  {
    id: id(),
    ...owned(),
    topologyId: reference('topology_id').notNull(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    rank: integer('rank').notNull(),
    alpha: doublePrecision('alpha').notNull(),
    dropout: doublePrecision('dropout').notNull().default(0),
    /** Bits of the frozen base weights; null where they are not quantized. */
    quantizationBits: integer('quantization_bits'),
    targetModules: text('target_modules').array().notNull(),
    baseModel: text('base_model'),
    /** The adapter that was attached: a safetensors file and its adapter_config.json. */
    weightsObjectId: uuid('weights_object_id'),
    configObjectId: uuid('config_object_id'),
    config: jsonb('config').$type<Record<string, Json>>().notNull().default({}),
  },
  (t) => [
    foreignKey({
      columns: [t.workspaceId, t.topologyId],
      foreignColumns: [topologies.workspaceId, topologies.id],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // An object that is a module's adapter cannot be deleted under it.
    foreignKey({
      columns: [t.workspaceId, t.weightsObjectId],
      foreignColumns: [storedObjects.workspaceId, storedObjects.id],
    }),
    foreignKey({
      columns: [t.workspaceId, t.configObjectId],
      foreignColumns: [storedObjects.workspaceId, storedObjects.id],
    }),
    index('qlora_modules_weights_idx').on(t.workspaceId, t.weightsObjectId),
    index('qlora_modules_config_idx').on(t.workspaceId, t.configObjectId),
    // Runs and model versions refer to it; it also serves the list, newest first.
    unique('qlora_modules_workspace_id_key').on(t.workspaceId, t.id),
    // The modules of one topology, newest first, and the cascade.
    index('qlora_modules_topology_idx').on(t.workspaceId, t.topologyId, t.id),
    check('qlora_modules_rank', sql`${t.rank} between 1 and 4096`),
    check('qlora_modules_alpha', sql`${t.alpha} > 0`),
    check('qlora_modules_dropout', sql`${t.dropout} >= 0 and ${t.dropout} < 1`),
    check('qlora_modules_bits', sql`${t.quantizationBits} in (2, 3, 4, 8)`),
    check('qlora_modules_targets', sql`cardinality(${t.targetModules}) between 1 and 256`),
  ],
);
