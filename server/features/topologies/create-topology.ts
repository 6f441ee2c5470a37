import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import { authorOf } from '../users/index.ts';
import type { CreateTopologyInput, Topology } from './contract.ts';
import { insertTopology } from './store.ts';

/**
 * Creates a topology. Throws `forbidden` where `createdBy` names another user and the actor is no admin, and
 * `not_found` where it names nobody of the workspace.
 */
export async function createTopology(
  stores: Stores,
  actor: Actor,
  { createdBy, ...values }: CreateTopologyInput,
): Promise<Topology> {
  return stores.db.transaction(async (tx) => {
    const author = await authorOf(tx, actor, createdBy);
    const topology = await insertTopology(tx, { ...values, workspaceId: actor.workspaceId, createdBy: author });
    if (!topology) throw new Error('The insert of a topology answered no row.');
    await recordAudit(tx, actor, 'topologies.create', `topology:${topology.id}`);
    return topology;
  });
}
