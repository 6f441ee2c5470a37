import { notFound } from '../../errors.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import type { Topology, TopologyAnalytics, TopologyWithAnalytics } from './contract.ts';
import { findTopology, readAnalytics } from './store.ts';

/** The row of a topology, in or out of a transaction. Throws `not_found`. */
export async function requireTopology(db: Database, actor: Actor, id: number): Promise<Topology> {
  const topology = await findTopology(db, actor, id);
  if (!topology) throw notFound('topology', id);
  return topology;
}

/** A topology with its analytics. Throws `not_found`. */
export async function getTopology(
  stores: Stores,
  actor: Actor,
  { id }: { id: number },
): Promise<TopologyWithAnalytics> {
  const topology = await requireTopology(stores.db, actor, id);
  return { ...topology, analytics: await readAnalytics(stores.db, actor, id) };
}

/** What the training of a topology came to. Throws `not_found`. */
export async function getAnalytics(stores: Stores, actor: Actor, { id }: { id: number }): Promise<TopologyAnalytics> {
  await requireTopology(stores.db, actor, id);
  return readAnalytics(stores.db, actor, id);
}
