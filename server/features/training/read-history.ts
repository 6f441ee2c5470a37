import { invalidInput, NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Curve } from '../metrics/contract.ts';
import { readCurve } from '../metrics/index.ts';
import type { HistoryInput } from './contract.ts';
import { findRun } from './store.ts';

/**
 * A range of a series, downsampled to the points asked for; no spike is lost. Throws `not_found` for an unknown run or
 * series.
 */
export async function readHistory(stores: Stores, actor: Actor, input: HistoryInput): Promise<Curve> {
  const { runId, key, fromStep: from, toStep: to, points: limit } = input;
  if (from > to)
    throw invalidInput('fromStep', `fromStep ${from} is greater than toStep ${to}; exchange them.`, { value: from });
  const curve = await readCurve(stores.db, actor, { runId, key, from, to, limit });
  if (curve) return curve;
  if (!(await findRun(stores.db, actor, runId))) throw notFound('training run', runId);
  throw new NexusError(
    'not_found',
    `Training run ${runId} has no series ${JSON.stringify(key)}; training.get lists those that it has.`,
    {
      details: { kind: 'series', id: key },
    },
  );
}
