import { v7 } from 'uuid';
import { invalidInput, NexusError, notFound } from '../../errors.ts';
import { isSameJson } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { topologyName } from '../context/index.ts';
import type { LogExperimentMetricsInput, LoggedExperimentMetrics } from './contract.ts';
import { findExperiment, findMetricValues, metricDocumentId, putMetrics } from './store.ts';

/**
 * Logs points of a running experiment. Each is a document of its own, so that callers never wait for each other or lose a
 * point. Not atomic; sent again with the same ids, what is there stays as it is. Throws `not_found`, and `conflict` for an
 * experiment that is over or an id that has other values.
 */
export async function logMetrics(
  stores: Stores,
  actor: Actor,
  { id, metrics, ids: givenIds }: LogExperimentMetricsInput,
): Promise<LoggedExperimentMetrics> {
  const points = Array.isArray(metrics) ? metrics : [metrics];
  if (givenIds && new Set(givenIds).size !== points.length) {
    throw invalidInput('ids', `There are ${points.length} metrics; give as many different ids, or none.`);
  }
  const found = await findExperiment(stores, actor, id);
  if (!found) throw notFound('experiment', id);
  const { experiment } = found;
  if (experiment.status !== 'running') {
    throw new NexusError('conflict', `The experiment "${id}" is ${experiment.status}; start another to log metrics.`, {
      details: { id, status: experiment.status },
    });
  }
  const ids = givenIds ?? points.map(() => v7());
  const documentIds = ids.map((one) => metricDocumentId(id, one));
  const timestamp = new Date().toISOString();
  const answers = await putMetrics(
    stores,
    points.map((values, place) => ({
      _id: documentIds[place] ?? '',
      experiment_id: id,
      topology_id: experiment.topologyId === null ? null : topologyName(experiment.topologyId),
      values,
      place,
      timestamp,
      created_by: actor.userId,
      workspace_id: actor.workspaceId,
    })),
  );
  const unwritten = ids.flatMap((_, place) => ('rev' in (answers[place] ?? {}) ? [] : [place]));
  await requireSame(stores, actor, { documentIds, unwritten, points, ids });
  return { id, ids };
}

type Points = Readonly<{
  documentIds: readonly string[];
  /** Places of the points that CouchDB did not take. */
  unwritten: readonly number[];
  points: readonly unknown[];
  ids: readonly string[];
}>;

/** A point that was not written must be there already, with the same values. */
async function requireSame(stores: Stores, actor: Actor, { documentIds, unwritten, points, ids }: Points) {
  const stored = await findMetricValues(
    stores,
    actor,
    unwritten.map((place) => documentIds[place] ?? ''),
  );
  for (const [at, place] of unwritten.entries()) {
    const values = stored[at];
    if (values && isSameJson(values, points[place])) continue;
    throw values
      ? new NexusError('conflict', `The id "${ids[place]}" has other values; choose another.`, {
          details: { field: 'ids', value: ids[place] },
        })
      : new NexusError('unavailable', 'CouchDB did not take every point; send them again with ids.', {
          details: { store: 'documents', ids: unwritten.map((one) => ids[one]) },
        });
  }
}
