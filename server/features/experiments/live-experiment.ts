import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { experimentDocuments, metricDocuments } from '../context/index.ts';
import { followFeed } from '../feed/index.ts';
import type { ExperimentNews, LiveExperimentInput } from './contract.ts';
import { findExperiment, findExperiments, findMetrics } from './store.ts';

/**
 * An experiment with every point that was logged to it so far, and then each change and each point as it comes, until
 * `signal` aborts or the experiment is deleted: from `lastEventId` on, or from its beginning. Each comes once, in the order
 * in which CouchDB took them, whatever their ids. Throws `not_found`.
 */
export async function* liveExperiment(
  stores: Stores,
  actor: Actor,
  { id, lastEventId = '0' }: LiveExperimentInput,
  signal?: AbortSignal,
): AsyncGenerator<{ id: string; item: ExperimentNews }, void, unknown> {
  if (!(await findExperiment(stores, actor, id))) throw notFound('experiment', id);
  const databases = [experimentDocuments.database, metricDocuments.database];
  for await (const rows of followFeed(stores, actor, { databases, scope: id, after: Number(lastEventId) }, signal)) {
    const idsOf = (database: string) => rows.filter((row) => row.database === database).map((row) => row.documentId);
    const [experiments, metrics] = await Promise.all([
      findExperiments(stores, actor, idsOf(experimentDocuments.database)),
      findMetrics(stores, actor, idsOf(metricDocuments.database)),
    ]);
    for (const { documentId, position, revision, isDeleted } of rows) {
      if (isDeleted) return;
      const experiment = experiments.get(documentId);
      const metric = metrics.get(documentId);
      // One that changed again meanwhile gets a later position, and is told there.
      if (experiment?.rev === revision) yield { id: String(position), item: { experiment, metric: null } };
      else if (metric?.rev === revision)
        yield { id: String(position), item: { experiment: null, metric: metric.metric } };
    }
  }
}
