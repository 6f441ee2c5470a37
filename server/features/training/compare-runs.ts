import { invalidInput, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { compareCurves } from '../metrics/index.ts';
import type { CompareInput, Comparison } from './contract.ts';
import { findRuns } from './store.ts';

/** Curves of one key of several runs, aligned by their steps. A run without it has no parts. Throws `not_found`. */
export async function compareRuns(
  stores: Stores,
  actor: Actor,
  { runIds, key, fromStep: from, toStep: to, parts: count }: CompareInput,
): Promise<Comparison> {
  if (from > to)
    throw invalidInput('fromStep', `fromStep ${from} is greater than toStep ${to}; exchange them.`, { value: from });
  const found = new Map((await findRuns(stores.db, actor, runIds)).map((run) => [run.id, run]));
  for (const id of runIds) if (!found.has(id)) throw notFound('training run', id);
  const { curves, ...grid } = await compareCurves(stores.db, actor, { runIds, key, from, to, count });
  return { key, ...grid, runs: curves.map((curve) => ({ ...curve, name: found.get(curve.runId)?.name ?? '' })) };
}
