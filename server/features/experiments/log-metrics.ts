import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { appendParts } from '../context/index.ts';
import type { LogExperimentMetricsInput, LoggedExperimentMetrics } from './contract.ts';
import { findExperiment, metricsOf } from './store.ts';

/**
 * Logs points of a running experiment. Each is a document of its own, so that callers never wait for each other or lose a
 * point. Not atomic; sent again with the same ids, what is there stays as it is. Throws `not_found`, and `conflict` for an
 * experiment that is over or an id that has other values.
 */
export async function logMetrics(
  stores: Stores,
  actor: Actor,
  { id, metrics, ids }: LogExperimentMetricsInput,
): Promise<LoggedExperimentMetrics> {
  const found = await findExperiment(stores, actor, id);
  if (!found) throw notFound('experiment', id);
  const { topologyId, status } = found.experiment;
  if (status !== 'running') {
    throw new NexusError('conflict', `The experiment "${id}" is ${status}; start another to log metrics.`, {
      details: { id, status },
    });
  }
  const points = Array.isArray(metrics) ? metrics : [metrics];
  const contents = points.map((values) => ({ values }));
  const family = { ...metricsOf(id), noun: 'metrics', parentField: 'experiment_id' };
  return { id, ids: await appendParts(stores, actor, { ...family, topologyId, contents, ids }) };
}
