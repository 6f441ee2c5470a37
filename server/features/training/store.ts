import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { runDatasets, runParams, runProgress, trainingRuns } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import type { ListRunsInput, RunStatus, TrainingRun, UpdateRunInput } from './contract.ts';
import type { FlatParam } from './flat-params.ts';
import { filterSql, narrowingSql, orderOf } from './run-filter.ts';

export async function insertRun(
  tx: Transaction,
  values: typeof trainingRuns.$inferInsert,
  progress: Pick<typeof runProgress.$inferInsert, 'leaseSeconds'> & { isLeased: boolean },
): Promise<number> {
  const [row] = await tx.insert(trainingRuns).values(values).returning({ id: trainingRuns.id });
  if (!row) throw new Error('The insert of a run answered no row.');
  const { workspaceId, createdBy } = values;
  const { leaseSeconds, isLeased } = progress;
  await tx.insert(runProgress).values({
    workspaceId,
    createdBy,
    runId: row.id,
    leaseSeconds,
    ...(isLeased && { leaseExpiresAt: leaseEnd(sql`${leaseSeconds}::int`) }),
  });
  return row.id;
}

const leaseEnd = (seconds: SQL) => sql`now() + make_interval(secs => ${seconds})`;

export async function insertUsedDatasets(
  tx: Transaction,
  actor: Actor,
  runId: number,
  used: readonly { datasetId: number; version?: number | undefined }[],
): Promise<void> {
  if (used.length === 0) return;
  const { workspaceId, userId: createdBy } = actor;
  await tx.insert(runDatasets).values(used.map((one) => ({ ...one, workspaceId, createdBy, runId })));
}

export async function insertParams(
  tx: Transaction,
  actor: Actor,
  runId: number,
  flat: readonly FlatParam[],
): Promise<void> {
  if (flat.length === 0) return;
  const { workspaceId, userId: createdBy } = actor;
  await tx.insert(runParams).values(flat.map((one) => ({ ...one, workspaceId, createdBy, runId })));
}

const fields = {
  id: trainingRuns.id,
  topologyId: trainingRuns.topologyId,
  moduleId: trainingRuns.moduleId,
  parentRunId: trainingRuns.parentRunId,
  name: trainingRuns.name,
  status: trainingRuns.status,
  params: trainingRuns.params,
  tags: trainingRuns.tags,
  notes: trainingRuns.notes,
  codeVersion: trainingRuns.codeVersion,
  goals: trainingRuns.goals,
  results: trainingRuns.results,
  accuracy: trainingRuns.accuracy,
  finalLoss: trainingRuns.finalLoss,
  epochs: trainingRuns.epochs,
  startedAt: trainingRuns.startedAt,
  finishedAt: trainingRuns.finishedAt,
  pointCount: runProgress.pointCount,
  revision: runProgress.revision,
  leaseSeconds: runProgress.leaseSeconds,
  leaseExpiresAt: runProgress.leaseExpiresAt,
  createdAt: trainingRuns.createdAt,
  updatedAt: trainingRuns.updatedAt,
  createdBy: trainingRuns.createdBy,
};

const selectRows = (db: Database) =>
  db.select(fields).from(trainingRuns).innerJoin(runProgress, eq(runProgress.runId, trainingRuns.id));
type Row = Awaited<ReturnType<typeof selectRows>>[number];

async function withDatasets(db: Database, actor: Actor, found: readonly Row[]): Promise<TrainingRun[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const used = await db
    .select({ runId: runDatasets.runId, datasetId: runDatasets.datasetId, version: runDatasets.version })
    .from(runDatasets)
    .where(and(eq(runDatasets.workspaceId, actor.workspaceId), inArray(runDatasets.runId, ids)))
    .orderBy(runDatasets.datasetId);
  return found.map((row) => ({
    ...row,
    datasets: used.filter(({ runId }) => runId === row.id).map(({ runId: _, ...one }) => one),
  }));
}

export async function findRun(db: Database, actor: Actor, id: number): Promise<TrainingRun | undefined> {
  const found = await selectRows(db).where(
    and(eq(trainingRuns.workspaceId, actor.workspaceId), eq(trainingRuns.id, id)),
  );
  return (await withDatasets(db, actor, found))[0];
}

/** These runs, in this order. */
export async function findRuns(db: Database, actor: Actor, ids: readonly number[]): Promise<TrainingRun[]> {
  if (ids.length === 0) return [];
  const found = await selectRows(db).where(
    and(eq(trainingRuns.workspaceId, actor.workspaceId), inArray(trainingRuns.id, [...ids])),
  );
  const byId = new Map((await withDatasets(db, actor, found)).map((run) => [run.id, run]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Where a page ends: the value that the list is ordered by, null among the runs without one, and the run. */
export type RunPlace = { value: string | null; id: number };
const RunPlace = z.object({ value: z.string().nullable(), id: z.number() });

/** The next runs of a list after a place, at most `limit`: first those that have the value ordered by, then the others. */
export async function selectRunPlaces(
  db: Database,
  actor: Actor,
  input: ListRunsInput,
  after: RunPlace | undefined,
  limit: number,
): Promise<RunPlace[]> {
  const where = sql`${conditionsOf(actor, input)} ${await candidatesOf(db, actor, input)}`;
  if (!input.sort) return selectNewest(db, where, after?.id, limit);
  const order = orderOf(actor, input.sort);
  const found: RunPlace[] = [];
  if (after?.value !== null) {
    const isAscending = input.sort.direction === 'asc';
    const direction = isAscending ? sql`asc` : sql`desc`;
    const beyond =
      after === undefined
        ? sql`${order.value} is not null`
        : sql`(${order.value}, r.id) ${isAscending ? sql`>` : sql`<`} (${after.value}::text::${sql.raw(order.type)}, ${after.id})`;
    const query = sql`
      select (${order.value})::text as value, r.id::float8 as id from training_runs r ${order.join}
      where ${where} and ${beyond} order by ${order.value} ${direction}, r.id ${direction} limit ${limit}`;
    found.push(...(await plannedForItsValues(db, query)));
  }
  if (found.length === limit) return found;
  const rest = await selectNewest(
    db,
    sql`${where} and ${order.missing}`,
    after?.value === null ? after.id : undefined,
    limit - found.length,
  );
  return [...found, ...rest];
}

/**
 * A statement that was prepared is planned for any values after its fifth call, and then walks past every run to whatever
 * a key or a path may hold: some 20 times as long as the plan for these.
 */
const plannedForItsValues = (db: Database, query: SQL): Promise<RunPlace[]> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('plan_cache_mode', 'force_custom_plan', true)`);
    return rows(tx, query, RunPlace);
  });

const maxCandidates = 2000;

/**
 * The runs of the narrowest condition by name, where one is narrow: PostgreSQL cannot know how many runs have a param
 * below a value, and would walk along the order instead, past every run that the filter leaves out.
 */
async function candidatesOf(db: Database, actor: Actor, { filter }: ListRunsInput): Promise<SQL> {
  let narrowest: number[] | undefined;
  for (const query of filter ? narrowingSql(actor, filter, maxCandidates + 1) : []) {
    const found = (await rows(db, query, z.object({ id: z.number() }))).map(({ id }) => id);
    if (found.length <= maxCandidates && found.length < (narrowest?.length ?? Infinity)) narrowest = found;
  }
  return narrowest ? sql`and r.id = any(${`{${narrowest.join(',')}}`}::text::bigint[])` : sql``;
}

function selectNewest(db: Database, where: SQL, before: number | undefined, limit: number): Promise<RunPlace[]> {
  const beyond = before === undefined ? sql`` : sql`and r.id < ${before}`;
  const query = sql`select null as value, r.id::float8 as id from training_runs r where ${where} ${beyond} order by r.id desc limit ${limit}`;
  return rows(db, query, RunPlace);
}

function conditionsOf(actor: Actor, input: ListRunsInput): SQL {
  const all = [sql`r.workspace_id = ${actor.workspaceId}`];
  if (input.topologyId !== undefined) all.push(sql`r.topology_id = ${input.topologyId}`);
  if (input.moduleId !== undefined) all.push(sql`r.module_id = ${input.moduleId}`);
  if (input.parentRunId !== undefined) all.push(sql`r.parent_run_id = ${input.parentRunId}`);
  if (input.status !== undefined) all.push(sql`r.status = ${input.status}`);
  if (input.datasetId !== undefined) {
    all.push(sql`exists (select 1 from run_datasets d
      where d.workspace_id = ${actor.workspaceId} and d.run_id = r.id and d.dataset_id = ${input.datasetId})`);
  }
  if (input.filter) all.push(filterSql(actor, input.filter));
  return sql.join(all, sql` and `);
}

const Held = z.object({
  status: z.enum(['running', 'completed', 'failed', 'lost']),
  revision: z.number(),
  goals: z.record(z.string(), z.enum(['min', 'max'])),
});

/**
 * Locks what of a run changes, until the transaction ends: writes to one run come one after the other. Undefined where the
 * workspace has no such run.
 */
export async function holdRun(tx: Transaction, actor: Actor, id: number): Promise<z.infer<typeof Held> | undefined> {
  const mine = sql`workspace_id = ${actor.workspaceId} and run_id = ${id}`;
  const [progress] = await rows(
    tx,
    sql`select revision::float8 as revision from run_progress where ${mine} for update`,
    z.object({ revision: z.number() }),
  );
  if (!progress) return undefined;
  // Read after the lock was had: what whoever held it before has written is seen.
  const [run] = await tx
    .select({ status: trainingRuns.status, goals: trainingRuns.goals })
    .from(trainingRuns)
    .where(and(eq(trainingRuns.workspaceId, actor.workspaceId), eq(trainingRuns.id, id)));
  return run && { ...run, revision: progress.revision };
}

/** Notes that something was heard of a run that this transaction holds, and what it wrote. Answers the end of its lease. */
export async function advanceRun(
  tx: Transaction,
  actor: Actor,
  id: number,
  { revision, added }: { revision: number; added: number },
): Promise<Date | null> {
  const [row] = await tx
    .update(runProgress)
    .set({
      revision,
      pointCount: sql`${runProgress.pointCount} + ${added}`,
      leaseExpiresAt: leaseEnd(sql`${runProgress.leaseSeconds}`),
    })
    .where(and(eq(runProgress.workspaceId, actor.workspaceId), eq(runProgress.runId, id)))
    .returning({ leaseExpiresAt: runProgress.leaseExpiresAt });
  return row?.leaseExpiresAt ?? null;
}

export async function setStatus(
  tx: Transaction,
  actor: Actor,
  id: number,
  changes: Partial<typeof trainingRuns.$inferInsert> & { status: RunStatus },
): Promise<void> {
  await tx
    .update(trainingRuns)
    .set({ ...changes, updatedAt: new Date() })
    .where(and(eq(trainingRuns.workspaceId, actor.workspaceId), eq(trainingRuns.id, id)));
}

/** Answers whether the workspace has the run. */
export async function describeRun(
  tx: Transaction,
  actor: Actor,
  id: number,
  changes: Omit<UpdateRunInput, 'id'>,
): Promise<boolean> {
  const updated = await tx
    .update(trainingRuns)
    .set({ ...changes, updatedAt: new Date() })
    .where(and(eq(trainingRuns.workspaceId, actor.workspaceId), eq(trainingRuns.id, id)))
    .returning({ id: trainingRuns.id });
  return updated.length > 0;
}

/** Ends the lease of a run that this transaction holds. */
export async function endLease(tx: Transaction, actor: Actor, id: number, revision: number): Promise<void> {
  await tx
    .update(runProgress)
    .set({ revision, leaseExpiresAt: null })
    .where(and(eq(runProgress.workspaceId, actor.workspaceId), eq(runProgress.runId, id)));
}

/**
 * Marks running runs lost whose lease is over, at most `limit`, and answers their ids. One that another server has in hand,
 * or whose logger writes just now, is passed over.
 */
export async function loseExpired(tx: Transaction, limit: number): Promise<number[]> {
  const query = sql`
    with expired as (
      select g.run_id from training_runs r join run_progress g on g.run_id = r.id
      where r.status = 'running' and g.lease_expires_at < now()
      order by g.run_id limit ${limit} for update of g skip locked),
    counted as (
      update run_progress set revision = revision + 1, updated_at = now() where run_id in (select run_id from expired))
    update training_runs set status = 'lost', updated_at = now()
    where id in (select run_id from expired) returning id::float8 as id`;
  return (await rows(tx, query, z.object({ id: z.number() }))).map(({ id }) => id);
}
