import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows } from '../../stores/postgres.ts';
import { Lineage, type LineageInput } from './contract.ts';

const maxItems = 1000;
const { topologies: Topologies, modules: Modules, datasets: Datasets, runs: Runs } = Lineage.shape;
const { modelVersions: ModelVersions, checkpoints: Checkpoints } = Lineage.shape;

const subjects = {
  topologyId: { kind: 'topology', table: sql`topologies` },
  moduleId: { kind: 'module', table: sql`qlora_modules` },
  datasetId: { kind: 'dataset', table: sql`datasets` },
  runId: { kind: 'training run', table: sql`training_runs` },
  modelId: { kind: 'model', table: sql`models` },
  checkpointId: { kind: 'checkpoint', table: sql`checkpoints` },
} as const;

/** The first thing asked about that does not exist, if any. */
export async function findMissing(
  db: Database,
  actor: Actor,
  input: LineageInput,
): Promise<{ kind: string; id: string | number } | undefined> {
  const isThere = async (query: SQL) => (await rows(db, query, z.unknown())).length > 0;
  for (const [name, { kind, table }] of Object.entries(subjects)) {
    const id = z.number().optional().parse(Reflect.get(input, name));
    const found =
      id === undefined ||
      (await isThere(sql`select 1 from ${table} where workspace_id = ${actor.workspaceId} and id = ${id}`));
    if (!found) return { kind, id: id ?? '' };
  }
  const { datasetId, chunkId, modelId, modelVersion } = input;
  const ofChunk = sql`select 1 from semantic_chunks where workspace_id = ${actor.workspaceId} and dataset_id = ${datasetId ?? null} and id = ${chunkId ?? null}`;
  if (chunkId !== undefined && !(await isThere(ofChunk))) return { kind: 'chunk', id: chunkId };
  const ofVersion = sql`select 1 from model_versions where workspace_id = ${actor.workspaceId} and model_id = ${modelId ?? null} and version = ${modelVersion ?? null}`;
  if (modelVersion !== undefined && !(await isThere(ofVersion)))
    return { kind: 'model version', id: `${modelId} v${modelVersion}` };
  return undefined;
}

/** Runs that belong to what is asked about, newest first. */
export function selectRunsOf(db: Database, actor: Actor, input: LineageInput, limit: number): Promise<Lineage['runs']> {
  const query = sql`
    select r.id::float8 as id, r.name, r.topology_id::float8 as "topologyId", r.status, r.parent_run_id::float8 as "parentRunId"
    from training_runs r where r.workspace_id = ${actor.workspaceId} and ${ofSubject(actor, input)}
    order by r.id desc limit ${limit}`;
  return rows(db, query, Runs.element);
}

function ofSubject(actor: Actor, input: LineageInput): SQL {
  const mine = sql`workspace_id = ${actor.workspaceId}`;
  if (input.topologyId !== undefined) return sql`r.topology_id = ${input.topologyId}`;
  if (input.moduleId !== undefined) return sql`r.module_id = ${input.moduleId}`;
  if (input.runId !== undefined) return sql`r.id = ${input.runId}`;
  if (input.checkpointId !== undefined)
    return sql`r.id in (select run_id from checkpoints where ${mine} and id = ${input.checkpointId})`;
  if (input.modelId !== undefined) {
    const version = input.modelVersion === undefined ? sql`` : sql`and version = ${input.modelVersion}`;
    return sql`r.id in (select run_id from model_versions where ${mine} and model_id = ${input.modelId} ${version})`;
  }
  const used = [sql`d.${mine} and d.dataset_id = ${input.datasetId ?? null}`];
  if (input.datasetVersion !== undefined) used.push(sql`d.version = ${input.datasetVersion}`);
  // A version says which texts were in it; a run that named none may have used any of the dataset.
  if (input.chunkId !== undefined) {
    used.push(sql`(d.version is null or exists (
      select 1 from semantic_chunks c
        join dataset_ingests i on i.dataset_id = c.dataset_id and i.version = d.version
        join dataset_ingest_chunks x on x.ingest_id = i.id and x.content_hash = decode(c.content_hash, 'hex')
      where c.${mine} and c.dataset_id = d.dataset_id and c.id = ${input.chunkId}))`);
  }
  return sql`r.id in (select d.run_id from run_datasets d where ${sql.join(used, sql` and `)})`;
}

/** Origins and results of these runs and of the thing asked about. */
export async function selectAround(
  db: Database,
  actor: Actor,
  input: LineageInput,
  runIds: readonly number[],
): Promise<Omit<Lineage, 'runs' | 'hasMoreRuns'>> {
  const ids = sql`any(${`{${runIds.join(',')}}`}::text::bigint[])`;
  const mine = sql`workspace_id = ${actor.workspaceId}`;
  const is = (column: SQL, id: number | undefined) => (id === undefined ? sql`false` : sql`${column} = ${id}`);
  const ofVersion = sql`${is(sql`model_id`, input.modelId)} and ${input.modelVersion === undefined ? sql`true` : sql`version = ${input.modelVersion}`}`;
  // A version or checkpoint may name its topology and module without a run.
  const version = sql`(run_id = ${ids} or ${is(sql`topology_id`, input.topologyId)} or ${is(sql`module_id`, input.moduleId)} or (${ofVersion}))`;
  const checkpoint = sql`(run_id = ${ids} or ${is(sql`topology_id`, input.topologyId)} or ${is(sql`id`, input.checkpointId)})`;
  const modules = sql`
    select module_id as id from training_runs where ${mine} and id = ${ids}
    union select module_id from model_versions where ${mine} and ${ofVersion}
    union select ${input.moduleId ?? null}::bigint`;
  const topologies = sql`
    select topology_id as id from training_runs where ${mine} and id = ${ids}
    union select topology_id from model_versions where ${mine} and ${ofVersion}
    union select topology_id from checkpoints where ${mine} and ${is(sql`id`, input.checkpointId)}
    union select topology_id from qlora_modules where ${mine} and ${is(sql`id`, input.moduleId)}
    union select ${input.topologyId ?? null}::bigint`;
  return {
    topologies: await rows(
      db,
      sql`select id::float8 as id, name from topologies where ${mine} and id in (${topologies}) order by id desc limit ${maxItems}`,
      Topologies.element,
    ),
    modules: await rows(
      db,
      sql`select id::float8 as id, name, topology_id::float8 as "topologyId" from qlora_modules
        where ${mine} and (id in (${modules}) or ${is(sql`topology_id`, input.topologyId)}) order by id desc limit ${maxItems}`,
      Modules.element,
    ),
    datasets: await rows(
      db,
      sql`select d.id::float8 as id, d.name, u.version::float8 as version, u.run_id::float8 as "runId"
        from run_datasets u join datasets d on d.id = u.dataset_id
        where u.${mine} and u.run_id = ${ids} order by u.run_id desc, d.id desc limit ${maxItems}`,
      Datasets.element,
    ),
    modelVersions: await rows(
      db,
      sql`select v.model_id::float8 as "modelId", m.name, v.version::float8 as version, v.run_id::float8 as "runId"
        from (select * from model_versions where ${mine} and ${version}) v join models m on m.id = v.model_id
        order by v.created_at desc, v.model_id, v.version desc limit ${maxItems}`,
      ModelVersions.element,
    ),
    checkpoints: await rows(
      db,
      sql`select id::float8 as id, name, step::float8 as step, run_id::float8 as "runId" from checkpoints
        where ${mine} and ${checkpoint} order by id desc limit ${maxItems}`,
      Checkpoints.element,
    ),
  };
}
