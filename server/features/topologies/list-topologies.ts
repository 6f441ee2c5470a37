import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import type { ListTopologiesInput, Topology } from './contract.ts';
import { selectTopologies } from './store.ts';

/** The workspace's topologies, newest first, in pages. */
export async function listTopologies(
  stores: Stores,
  actor: Actor,
  input: ListTopologiesInput,
): Promise<{ items: Topology[]; nextCursor: string | null }> {
  const found = await selectTopologies(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (topology) => [topology.id]);
}
