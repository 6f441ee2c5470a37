import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { TrainingRun, UpdateRunInput } from './contract.ts';
import { requireRun } from './start-run.ts';
import { describeRun } from './store.ts';

/** Changes what a run is called and what is said of it, whatever its status; what it came to stays. Throws `not_found`. */
export async function updateRun(
  stores: Stores,
  actor: Actor,
  { id, ...changes }: UpdateRunInput,
): Promise<TrainingRun> {
  return stores.db.transaction(async (tx) => {
    if (!(await describeRun(tx, actor, id, changes))) throw notFound('training run', id);
    await recordAudit(tx, actor, 'training.update', `run:${id}`);
    return requireRun(tx, actor, id);
  });
}
