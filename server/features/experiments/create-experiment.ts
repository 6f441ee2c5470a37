import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { newDocumentId, topologyName } from '../context/index.ts';
import type { CreateExperimentInput, Experiment } from './contract.ts';
import { hasTopology, putExperiment, removeExperiment } from './store.ts';

/** Starts an experiment with a topology. Throws `not_found` for a topology that is not there. */
export async function createExperiment(
  stores: Stores,
  actor: Actor,
  { name, topologyId, parameters, description }: CreateExperimentInput,
): Promise<Experiment> {
  if (!(await hasTopology(stores.db, actor, topologyId))) throw notFound('topology', topologyId);
  const createdAt = new Date();
  const { id, rev } = await putExperiment(stores, {
    _id: newDocumentId('exp'),
    name,
    description,
    topology_id: topologyName(topologyId),
    status: 'running',
    parameters,
    results: null,
    created_at: createdAt.toISOString(),
    completed_at: null,
    created_by: actor.userId,
    workspace_id: actor.workspaceId,
  });
  // The topology may have been deleted in between, and its experiments before this one came.
  if (!(await hasTopology(stores.db, actor, topologyId))) {
    await removeExperiment(stores, id);
    throw notFound('topology', topologyId);
  }
  const outcome = { results: null, completedAt: null };
  return {
    id,
    rev,
    name,
    description,
    topologyId,
    status: 'running',
    parameters,
    ...outcome,
    createdAt,
    createdBy: actor.userId,
  };
}
