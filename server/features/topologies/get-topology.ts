import { notFound } from '../../errors.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recentContext } from '../context/index.ts';
import type { Topology, TopologyAnalytics, TopologyWithContext } from './contract.ts';
import { findTopology, readAnalytics } from './store.ts';

/** The row of a topology, in or out of a transaction. Throws `not_found`. */
export async function requireTopology(db: Database, actor: Actor, id: number): Promise<Topology> {
  const topology = await findTopology(db, actor, id);
  if (!topology) throw notFound('topology', id);
  return topology;
}

/** A topology with its ten latest context documents and its analytics. Throws `not_found`. */
export async function getTopology(stores: Stores, actor: Actor, { id }: { id: number }): Promise<TopologyWithContext> {
  const topology = await requireTopology(stores.db, actor, id);
  const [context, analytics] = await Promise.all([
    recentContext(stores, actor, id, 10),
    readAnalytics(stores.db, actor, id),
  ]);
  return { ...topology, context, analytics };
}

/** What the training of a topology came to. Throws `not_found`. */
export async function getAnalytics(stores: Stores, actor: Actor, { id }: { id: number }): Promise<TopologyAnalytics> {
  await requireTopology(stores.db, actor, id);
  return readAnalytics(stores.db, actor, id);
}
