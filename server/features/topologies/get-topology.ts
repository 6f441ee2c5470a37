import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { type ContextDocument, recentContext } from '../context/index.ts';
import type { GetTopologyInput, Topology, TopologyAnalytics, TopologyDetails } from './contract.ts';
import { findTopology, readAnalytics } from './store.ts';

/** The row of a topology, in or out of a transaction. Throws `not_found`. */
export async function requireTopology(db: Database, actor: Actor, id: number): Promise<Topology> {
  const topology = await findTopology(db, actor, id);
  if (!topology) throw notFound('topology', id);
  return topology;
}

const recentLimit = 10;

/** A topology with what is asked for: its newest context, its analytics. Throws `not_found`. */
export async function getTopology(
  stores: Stores,
  actor: Actor,
  { id, include }: GetTopologyInput,
): Promise<TopologyDetails> {
  const topology = await requireTopology(stores.db, actor, id);
  if (include.length === 0) return { ...topology, context: null, analytics: null };
  const [analytics, context] = await Promise.all([
    include.includes('analytics') ? readAnalytics(stores.db, actor, id) : null,
    include.includes('context') ? contextIfThere(stores, actor, id) : null,
  ]);
  return { ...topology, context, analytics };
}

/** A topology is worth reading without its context: null where CouchDB is away. */
async function contextIfThere(stores: Stores, actor: Actor, id: number): Promise<ContextDocument[] | null> {
  try {
    return await recentContext(stores, actor, id, recentLimit);
  } catch (error) {
    if (!(error instanceof NexusError && error.reason === 'unavailable')) throw error;
    stores.log.warn({ err: error, topology: id }, 'A topology is answered without its context.');
    return null;
  }
}

/** Figures over all training of a topology. Throws `not_found`. */
export async function getAnalytics(stores: Stores, actor: Actor, { id }: { id: number }): Promise<TopologyAnalytics> {
  await requireTopology(stores.db, actor, id);
  return readAnalytics(stores.db, actor, id);
}
