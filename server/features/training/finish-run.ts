import { isDeepStrictEqual } from 'node:util';
import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { listFigures } from '../metrics/index.ts';
import type { FinishRunInput, TrainingRun } from './contract.ts';
import { requireRun } from './start-run.ts';
import { endLease, holdRun, setStatus } from './store.ts';

/**
 * Ends a running or lost run. Of two different ends one stands; the same end again, after a lost answer, is answered as
 * the first was. Throws `not_found`, and `conflict` for a run that ended otherwise.
 */
export async function finishRun(stores: Stores, actor: Actor, input: FinishRunInput): Promise<TrainingRun> {
  const { id, status, results, accuracy = null, epochs = null, notes } = input;
  const finished = await stores.db.transaction(async (tx) => {
    const held = await holdRun(tx, actor, id);
    if (!held) throw notFound('training run', id);
    if (held.status === 'completed' || held.status === 'failed') {
      const run = await requireRun(tx, actor, id);
      const asked = { status, results, accuracy, epochs, notes: notes ?? run.notes };
      const stored = {
        ...asked,
        status: run.status,
        results: run.results,
        accuracy: run.accuracy,
        epochs: run.epochs,
        notes: run.notes,
      };
      if (isDeepStrictEqual(asked, stored)) return run;
      throw new NexusError('conflict', `Training run ${id} is ${held.status} already; what it ended with stays.`, {
        details: { kind: 'training run', id, status: held.status },
      });
    }
    const [loss] = await listFigures(tx, actor, id, { key: 'loss', limit: 1 });
    const outcome = { status, results, accuracy, epochs, finalLoss: loss?.last ?? null, finishedAt: new Date() };
    await setStatus(tx, actor, id, { ...outcome, ...(notes !== undefined && { notes }) });
    await endLease(tx, actor, id, held.revision + 1);
    await recordAudit(tx, actor, 'training.finish', `run:${id}`, { status });
    return requireRun(tx, actor, id);
  });
  stores.signals.send(`run:${id}`);
  return finished;
}
