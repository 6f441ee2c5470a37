import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Session } from './contract.ts';
import { findSession } from './store.ts';

/** A session. Throws `not_found`. */
export async function getSession(stores: Stores, actor: Actor, { id }: { id: string }): Promise<Session> {
  const found = await findSession(stores, actor, id);
  if (!found) throw notFound('session', id);
  return found.session;
}
