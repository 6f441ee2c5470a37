import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import { requireAdmin } from './admin.ts';
import type { Effect, OutboxInput } from './contract.ts';
import { selectEffects } from './store.ts';

/** Every workspace's effects that are not yet done, in the order in which they were decided. Admins only. */
export async function listOutbox(
  stores: Stores,
  actor: Actor,
  input: OutboxInput,
): Promise<{ items: Effect[]; nextCursor: string | null }> {
  requireAdmin(actor);
  const found = await selectEffects(stores.db, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (effect) => [effect.id]);
}
