import { and, desc, eq, ilike, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { checkpoints, modelVersions, qloraModules, topologies, trainingRuns } from '../../../drizzle/schema/index.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import { prepared } from '../../stores/prepared.ts';
import type { Actor } from '../actor.ts';
import type { QloraModule } from '../modules/contract.ts';
import type { ListTopologiesInput, Topology, TopologyAnalytics, UpdateTopologyInput } from './contract.ts';

const mine = (actor: Actor, id: number) => and(eq(topologies.workspaceId, actor.workspaceId), eq(topologies.id, id));

export async function insertTopology(
  tx: Transaction,
  values: typeof topologies.$inferInsert,
): Promise<Topology | undefined> {
  const [row] = await tx.insert(topologies).values(values).returning();
  return row;
}

/** The modules that come with a topology, in the order given. */
export async function insertModules(
  tx: Transaction,
  values: readonly (typeof qloraModules.$inferInsert)[],
): Promise<QloraModule[]> {
  return values.length === 0
    ? []
    : tx
        .insert(qloraModules)
        .values([...values])
        .returning();
}

const byId = prepared((db) =>
  db
    .select()
    .from(topologies)
    .where(and(eq(topologies.workspaceId, sql.placeholder('workspaceId')), eq(topologies.id, sql.placeholder('id'))))
    .prepare('topology'),
);

export async function findTopology(db: Database, { workspaceId }: Actor, id: number): Promise<Topology | undefined> {
  const [row] = await byId(db).execute({ workspaceId, id });
  return row;
}

export async function updateTopologyRow(
  tx: Transaction,
  actor: Actor,
  { id, ...changes }: UpdateTopologyInput,
): Promise<Topology | undefined> {
  const [row] = await tx
    .update(topologies)
    .set({ ...changes, updatedAt: new Date() })
    .where(mine(actor, id))
    .returning();
  return row;
}

/** A page of all there are. */
const anyBefore = prepared((db) =>
  db
    .select()
    .from(topologies)
    .where(
      and(eq(topologies.workspaceId, sql.placeholder('workspaceId')), lt(topologies.id, sql.placeholder('before'))),
    )
    .orderBy(desc(topologies.id))
    .limit(sql.placeholder('limit'))
    .prepare('topologies'),
);

export function selectTopologies(
  db: Database,
  actor: Actor,
  input: ListTopologiesInput,
  before: number | undefined,
): Promise<Topology[]> {
  if (input.architecture === undefined && input.createdBy === undefined && input.name === undefined) {
    const { workspaceId } = actor;
    return anyBefore(db).execute({ workspaceId, before: before ?? Number.MAX_SAFE_INTEGER, limit: input.limit + 1 });
  }
  return db
    .select()
    .from(topologies)
    .where(
      and(
        eq(topologies.workspaceId, actor.workspaceId),
        input.architecture === undefined ? undefined : eq(topologies.architecture, input.architecture),
        input.createdBy === undefined ? undefined : eq(topologies.createdBy, input.createdBy),
        input.name === undefined ? undefined : ilike(topologies.name, `%${input.name.replace(/[\\%_]/g, '\\$&')}%`),
        before === undefined ? undefined : lt(topologies.id, before),
      ),
    )
    .orderBy(desc(topologies.id))
    .limit(input.limit + 1);
}

/** Removes the row and, by its foreign keys, its modules, runs and checkpoints. */
export async function deleteTopologyRow(tx: Transaction, actor: Actor, id: number): Promise<boolean> {
  const deleted = await tx.delete(topologies).where(mine(actor, id)).returning({ id: topologies.id });
  return deleted.length > 0;
}

/** A model version outlives the topology that it came from; it only forgets it, and that topology's runs and modules. */
export async function forgetOrigin(tx: Transaction, actor: Actor, id: number): Promise<void> {
  const ofTopology = sql`(select id from training_runs where workspace_id = ${actor.workspaceId} and topology_id = ${id})`;
  const modulesOf = sql`(select id from qlora_modules where workspace_id = ${actor.workspaceId} and topology_id = ${id})`;
  const inWorkspace = eq(modelVersions.workspaceId, actor.workspaceId);
  await tx
    .update(modelVersions)
    .set({ topologyId: null })
    .where(and(inWorkspace, eq(modelVersions.topologyId, id)));
  await tx
    .update(modelVersions)
    .set({ runId: null })
    .where(and(inWorkspace, sql`${modelVersions.runId} in ${ofTopology}`));
  await tx
    .update(modelVersions)
    .set({ moduleId: null })
    .where(and(inWorkspace, sql`${modelVersions.moduleId} in ${modulesOf}`));
  await tx
    .update(trainingRuns)
    .set({ moduleId: null })
    .where(and(eq(trainingRuns.workspaceId, actor.workspaceId), sql`${trainingRuns.moduleId} in ${modulesOf}`));
  await tx
    .update(checkpoints)
    .set({ runId: null })
    .where(and(eq(checkpoints.workspaceId, actor.workspaceId), sql`${checkpoints.runId} in ${ofTopology}`));
}

const AnalyticsRow = z.object({
  runCount: z.number(),
  completedRunCount: z.number(),
  bestAccuracy: z.number().nullable(),
  bestLoss: z.number().nullable(),
  averageAccuracy: z.number().nullable(),
  accuracyTrend: z.number().nullable(),
  moduleCount: z.number(),
  datasetCount: z.number(),
  checkpointCount: z.number(),
  storageBytes: z.number(),
  latestRunAt: z.number().nullable(),
});

export async function readAnalytics(db: Database, actor: Actor, id: number): Promise<TopologyAnalytics> {
  const workspace = actor.workspaceId;
  const query = sql`
    with runs as (
      select id, status, accuracy, final_loss, created_at from training_runs
      where workspace_id = ${workspace} and topology_id = ${id}
    ), latest as (
      select accuracy, row_number() over (order by id) as place
      from (select id, accuracy from runs where status = 'completed' and accuracy is not null order by id desc limit 50) newest
    ), bytes as (
      select o.id, o.size_bytes from stored_objects o
      where o.workspace_id = ${workspace} and o.id in (
        select object_id from checkpoints where workspace_id = ${workspace} and topology_id = ${id}
        union
        select object_id from model_versions where workspace_id = ${workspace} and topology_id = ${id})
    )
    select
      (select count(*) from runs)::float8 as "runCount",
      (select count(*) from runs where status = 'completed')::float8 as "completedRunCount",
      (select max(accuracy) from runs where status = 'completed' and accuracy <> 'NaN') as "bestAccuracy",
      (select min(final_loss) from runs where status = 'completed' and final_loss <> 'NaN') as "bestLoss",
      (select avg(accuracy) from runs where status = 'completed') as "averageAccuracy",
      (select regr_slope(accuracy, place) from latest) as "accuracyTrend",
      (select count(*) from qlora_modules where workspace_id = ${workspace} and topology_id = ${id})::float8 as "moduleCount",
      (select count(distinct dataset_id) from run_datasets
        where workspace_id = ${workspace} and run_id in (select id from runs))::float8 as "datasetCount",
      (select count(*) from checkpoints where workspace_id = ${workspace} and topology_id = ${id})::float8 as "checkpointCount",
      (select coalesce(sum(size_bytes), 0) from bytes)::float8 as "storageBytes",
      (select extract(epoch from max(created_at)) * 1000 from runs)::float8 as "latestRunAt"`;
  const [row] = await rows(db, query, AnalyticsRow);
  if (!row) throw new Error('The analytics query answered no row.');
  return { topologyId: id, ...row, latestRunAt: row.latestRunAt === null ? null : new Date(row.latestRunAt) };
}
