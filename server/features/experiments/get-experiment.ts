import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ExperimentWithMetrics } from './contract.ts';
import { findExperiment, selectMetrics } from './store.ts';

const maxMetrics = 10_000;

/** An experiment with its metrics in the order in which they arrived. Throws `not_found`. */
export async function getExperiment(
  stores: Stores,
  actor: Actor,
  { id }: { id: string },
): Promise<ExperimentWithMetrics> {
  const found = await findExperiment(stores, actor, id);
  if (!found) throw notFound('experiment', id);
  const { metrics, hasMore } = await selectMetrics(stores, actor, found.stored, maxMetrics);
  return { ...found.experiment, metrics, hasMoreMetrics: hasMore };
}
