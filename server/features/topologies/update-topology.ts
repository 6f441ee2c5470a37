import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { Topology, UpdateTopologyInput } from './contract.ts';
import { updateTopologyRow } from './store.ts';

/** Changes the fields that are given. Throws `not_found`. */
export async function updateTopology(stores: Stores, actor: Actor, input: UpdateTopologyInput): Promise<Topology> {
  return stores.db.transaction(async (tx) => {
    const topology = await updateTopologyRow(tx, actor, input);
    if (!topology) throw notFound('topology', input.id);
    await recordAudit(tx, actor, 'topologies.update', `topology:${topology.id}`);
    return topology;
  });
}
