import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Session } from './contract.ts';
import { findSession } from './store.ts';

/** A session that the actor may change: their own, or any for an owner or an admin. Throws `not_found` and `forbidden`. */
export async function requireOwnSession(
  stores: Stores,
  actor: Actor,
  id: string,
): Promise<{ session: Session; stored: StoredDocument }> {
  const found = await findSession(stores, actor, id);
  if (!found) throw notFound('session', id);
  const { userId } = found.session;
  if (userId !== actor.userId && actor.role !== 'owner' && !actor.isAdmin) {
    throw new NexusError('forbidden', `The session "${id}" is user ${userId}'s; ask an owner to change it.`, {
      details: { id },
    });
  }
  return found;
}
