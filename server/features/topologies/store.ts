import { and, desc, eq, ilike, lt, sql } from 'drizzle-orm';
import {
  checkpoints,
  modelVersions,
  qloraModules,
  topologies,
  topologyFigures,
  trainingRuns,
} from '../../../drizzle/schema/index.ts';
import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import { prepared } from '../../stores/prepared.ts';
import type { QloraModule } from '../modules/contract.ts';
import { rowById } from '../row-by-id.ts';
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

/** The row of a topology, or undefined. */
export const findTopology = rowById((db, isAsked) =>
  db.select().from(topologies).where(isAsked(topologies)).prepare('topology'),
);

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

const figureColumns = {
  runCount: topologyFigures.runCount,
  completedRunCount: topologyFigures.completedRunCount,
  accuracyCount: topologyFigures.accuracyCount,
  accuracySum: topologyFigures.accuracySum,
  bestAccuracy: topologyFigures.bestAccuracy,
  bestLoss: topologyFigures.bestLoss,
  latestRunAt: topologyFigures.latestRunAt,
  moduleCount: topologyFigures.moduleCount,
  checkpointCount: topologyFigures.checkpointCount,
  datasetCount: topologyFigures.datasetCount,
  storageBytes: topologyFigures.storageBytes,
  /** Reads at most 50 rows, from an index of their own. */
  accuracyTrend: sql<number | null>`(
    select regr_slope(accuracy, place) from (
      select accuracy, -row_number() over (order by id desc) as place from (
        select id, accuracy from training_runs
        where topology_id = topology_figures.topology_id and status = 'completed' and accuracy is not null
        order by id desc limit 50) newest) latest)::float8`,
};

/** Reads the figures that the changing transactions keep; nothing is counted here. */
export async function readAnalytics(db: Database, actor: Actor, id: number): Promise<TopologyAnalytics> {
  const [kept] = await db
    .select(figureColumns)
    .from(topologyFigures)
    .where(and(eq(topologyFigures.workspaceId, actor.workspaceId), eq(topologyFigures.topologyId, id)));
  if (!kept) throw notFound('topology', id);
  const { accuracyCount, accuracySum, ...figures } = kept;
  return { topologyId: id, ...figures, averageAccuracy: accuracyCount === 0 ? null : accuracySum / accuracyCount };
}
