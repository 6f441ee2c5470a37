import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { topologies } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { NewDocument, StoredDocument } from '../../stores/documents.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import {
  experimentDocuments,
  isOfWorkspace,
  metricDocuments,
  readDocumentPage,
  readParts,
  StoredInstant,
  StoredObject,
  storedFields,
} from '../context/index.ts';
import { type Experiment, type ExperimentMetric, ExperimentStatus, type ListExperimentsInput } from './contract.ts';

const { database } = experimentDocuments;

const StoredExperiment = z
  .object({
    ...storedFields,
    name: z.string(),
    description: z.string().nullish(),
    status: ExperimentStatus,
    parameters: StoredObject.nullish(),
    results: StoredObject.nullish(),
    created_at: StoredInstant,
    completed_at: StoredInstant.nullish(),
  })
  .transform((stored) => ({
    id: stored._id,
    rev: stored._rev,
    name: stored.name,
    description: stored.description ?? '',
    topologyId: stored.topology_id,
    status: stored.status,
    parameters: stored.parameters ?? {},
    results: stored.results ?? null,
    createdAt: stored.created_at,
    completedAt: stored.completed_at ?? null,
    createdBy: stored.created_by ?? null,
  }));

const StoredMetric = z.object({
  _id: z.string(),
  _rev: z.string(),
  workspace_id: z.number(),
  values: StoredObject,
  timestamp: StoredInstant,
  /** Its place among the points of one call, which share a timestamp. */
  place: z.int(),
});
type StoredMetric = z.infer<typeof StoredMetric>;

/** Metrics that another program keeps in the experiment's own document, in the shape of the integration guide. */
const OwnMetrics = z.object({ metrics: z.array(z.unknown()) });
const OwnMetric = z.looseObject({ timestamp: StoredInstant });

export const experimentOf = (actor: Actor) => (stored: StoredDocument | undefined) =>
  stored && isOfWorkspace(actor, stored) ? StoredExperiment.safeParse(stored).data : undefined;

export const putExperiment = (stores: Stores, document: NewDocument) => stores.documents.put(database, document);

export const removeExperiment = (stores: Stores, id: string) => stores.documents.remove(database, id);

/** An experiment with its document, which a change is to keep whatever else is in it. */
export async function findExperiment(
  stores: Stores,
  actor: Actor,
  id: string,
): Promise<{ experiment: Experiment; stored: StoredDocument } | undefined> {
  const stored = await stores.documents.find(database, id);
  const experiment = experimentOf(actor)(stored);
  return stored && experiment && { experiment, stored };
}

/** Experiments by their ids, those that there are. */
export async function findExperiments(
  stores: Stores,
  actor: Actor,
  ids: readonly string[],
): Promise<Map<string, Experiment>> {
  const found = (await stores.documents.findMany(database, ids)).map(experimentOf(actor));
  return new Map(found.flatMap((one) => (one ? [[one.id, one] as const] : [])));
}

/** Points by their documents' ids, those that there are. */
export async function findMetrics(
  stores: Stores,
  actor: Actor,
  documentIds: readonly string[],
): Promise<Map<string, { rev: string; metric: ExperimentMetric }>> {
  const found = await stores.documents.findMany(metricDocuments.database, documentIds);
  return new Map(
    found.flatMap((stored) => {
      const metric = stored && isOfWorkspace(actor, stored) ? metricOf(stored) : undefined;
      if (!metric) return [];
      const { _id, _rev: rev, values, timestamp } = metric;
      return [[_id, { rev, metric: { ...values, timestamp } }] as const];
    }),
  );
}

export const selectExperiments = (
  stores: Stores,
  actor: Actor,
  { topologyId, status, limit, cursor }: ListExperimentsInput,
) =>
  readDocumentPage(
    stores,
    actor,
    experimentDocuments,
    { narrowedBy: [topologyId ?? 0, status ?? ''], limit, cursor },
    experimentOf(actor),
  );

/** The points of an experiment, for `appendParts`. */
export const metricsOf = (id: string) => ({ database: metricDocuments.database, parentId: id, kind: 'm' }) as const;

const metricOf = (stored: StoredDocument): StoredMetric | undefined => StoredMetric.safeParse(stored).data;

/** The points of an experiment in the order in which they arrived, at most `limit`. */
export async function selectMetrics(
  stores: Stores,
  actor: Actor,
  experiment: StoredDocument,
  limit: number,
): Promise<{ metrics: ExperimentMetric[]; hasMore: boolean }> {
  const parts = await readParts(stores, actor, { ...metricsOf(experiment._id), limit: limit + 1 });
  const found = parts.flatMap((one) => metricOf(one) ?? []);
  // Ids of the callers' own have no order; those of the server have that of their time.
  found.sort((a, b) => a.timestamp.getTime() - b.timestamp.getTime() || a.place - b.place || (a._id < b._id ? -1 : 1));
  const own = OwnMetrics.safeParse(experiment).data?.metrics ?? [];
  const metrics = [
    ...own.flatMap((one) => OwnMetric.safeParse(one).data ?? []),
    ...found.map(({ values, timestamp }) => ({ ...values, timestamp })),
  ];
  return { metrics: metrics.slice(0, limit), hasMore: metrics.length > limit };
}

export async function hasTopology(db: Database, actor: Actor, id: number): Promise<boolean> {
  const found = await db
    .select({ id: topologies.id })
    .from(topologies)
    .where(and(eq(topologies.workspaceId, actor.workspaceId), eq(topologies.id, id)));
  return found.length > 0;
}
