import { invalidInput, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { requireDataset, requireVersion } from '../datasets/index.ts';
import { requireModule } from '../modules/index.ts';
import { requireTopology } from '../topologies/index.ts';
import type { StartRunInput, TrainingRun } from './contract.ts';
import { flatParams } from './flat-params.ts';
import { findRun, insertParams, insertRun, insertUsedDatasets } from './store.ts';

/** Starts a run, whose lease begins now. Throws `not_found` for an unknown topology, module, dataset or parent run. */
export async function startRun(stores: Stores, actor: Actor, input: StartRunInput): Promise<TrainingRun> {
  return stores.db.transaction(async (tx) => {
    const id = await insertDescribed(tx, actor, input, { status: 'running', goals: input.goals }, input.leaseSeconds);
    await recordAudit(tx, actor, 'training.start', `run:${id}`);
    return requireRun(tx, actor, id);
  });
}

type Described = Omit<StartRunInput, 'goals' | 'leaseSeconds'>;
type Outcome = Partial<Pick<TrainingRun, 'goals' | 'results' | 'accuracy' | 'finalLoss' | 'epochs' | 'finishedAt'>> & {
  status: TrainingRun['status'];
};

/** Inserts a run with what it refers to, once all of that is known to be there. */
export async function insertDescribed(
  tx: Transaction,
  actor: Actor,
  { datasets, ...input }: Described,
  outcome: Outcome,
  leaseSeconds: number,
): Promise<number> {
  await requireTopology(tx, actor, input.topologyId);
  if (input.moduleId !== undefined) {
    const module = await requireModule(tx, actor, input.moduleId);
    if (module.topologyId !== input.topologyId) {
      throw invalidInput(
        'moduleId',
        `Module ${module.id} belongs to topology ${module.topologyId}, not to ${input.topologyId}; name a module of this topology.`,
        { value: module.id },
      );
    }
  }
  for (const [at, { datasetId, version }] of datasets.entries()) {
    await requireDataset(tx, actor, datasetId);
    if (version !== undefined) await requireVersion(tx, actor, { datasetId, version, field: `datasets.${at}.version` });
  }
  if (input.parentRunId !== undefined) await requireRun(tx, actor, input.parentRunId);
  const { topologyId, moduleId, parentRunId, name = 'run', params, tags, notes, codeVersion } = input;
  const values = { topologyId, moduleId, parentRunId, name, params, tags, notes, codeVersion, ...outcome };
  const own = { workspaceId: actor.workspaceId, createdBy: actor.userId };
  const id = await insertRun(tx, { ...values, ...own }, { leaseSeconds, isLeased: outcome.status === 'running' });
  await insertUsedDatasets(tx, actor, id, datasets);
  await insertParams(tx, actor, id, flatParams(params));
  return id;
}

/** Throws `not_found`. */
export async function requireRun(tx: Transaction, actor: Actor, id: number): Promise<TrainingRun> {
  const run = await findRun(tx, actor, id);
  if (!run) throw notFound('training run', id);
  return run;
}
