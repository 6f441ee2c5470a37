import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Checkpoint } from './contract.ts';
import { findCheckpoint } from './store.ts';

/** Throws `not_found`. */
export async function getCheckpoint(stores: Stores, actor: Actor, { id }: { id: number }): Promise<Checkpoint> {
  const checkpoint = await findCheckpoint(stores.db, actor, id);
  if (!checkpoint) throw notFound('checkpoint', id);
  return checkpoint;
}
