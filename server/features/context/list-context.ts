import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ContextDocument, ListContextInput } from './contract.ts';
import { selectContext } from './store.ts';

/** The workspace's context documents, newest first, in pages. Throws `unavailable` where CouchDB is not there. */
export async function listContext(
  stores: Stores,
  actor: Actor,
  input: ListContextInput,
): Promise<{ items: ContextDocument[]; nextCursor: string | null }> {
  return selectContext(stores, actor, input);
}

/** The newest documents of a topology, newest first. Throws `unavailable` where CouchDB is not there. */
export async function recentContext(
  stores: Stores,
  actor: Actor,
  topologyId: number,
  limit: number,
): Promise<ContextDocument[]> {
  return (await selectContext(stores, actor, { topologyId, limit })).items;
}
