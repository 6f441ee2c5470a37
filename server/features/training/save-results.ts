import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { appendPoints } from '../metrics/index.ts';
import type { SaveResultsInput, TrainingRunDetails } from './contract.ts';
import { detailsOf } from './get-run.ts';
import { insertDescribed } from './start-run.ts';
import { advanceRun, endLease } from './store.ts';

const unusedLeaseSeconds = 300;

/**
 * Stores a finished run in one call: all of it or nothing. The losses become the series `loss` at the steps 1, 2, 3 …
 * Throws `not_found` for an unknown topology, module, dataset or parent run.
 */
export async function saveResults(
  stores: Stores,
  actor: Actor,
  { results, lossValues, accuracy, epochs = lossValues.length, ...described }: SaveResultsInput,
): Promise<TrainingRunDetails> {
  const now = Date.now();
  return stores.db.transaction(async (tx) => {
    const finalLoss = lossValues.at(-1) ?? null;
    const outcome = {
      results,
      accuracy: accuracy ?? null,
      finalLoss,
      epochs,
      status: 'completed' as const,
      finishedAt: new Date(now),
    };
    const id = await insertDescribed(tx, actor, described, outcome, unusedLeaseSeconds);
    if (lossValues.length > 0) {
      const steps = lossValues.map((_, at) => at + 1);
      const loss = { key: 'loss', goal: 'min' as const, steps, values: lossValues, times: steps.map(() => now) };
      const { added } = await appendPoints(tx, actor, { runId: id, revision: 1 }, [loss]);
      await advanceRun(tx, actor, id, { revision: 1, added });
    }
    await endLease(tx, actor, id, 1);
    await recordAudit(tx, actor, 'training.saveResults', `run:${id}`);
    return detailsOf(tx, actor, id);
  });
}
