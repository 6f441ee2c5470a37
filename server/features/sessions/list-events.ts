import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { SessionEvent, SessionEventsInput } from './contract.ts';
import { findSession, selectEvents } from './store.ts';

/** The events of a session in pages, in the order of their ids. Throws `not_found`. */
export async function listEvents(
  stores: Stores,
  actor: Actor,
  { id, ...page }: SessionEventsInput,
): Promise<{ items: SessionEvent[]; nextCursor: string | null }> {
  if (!(await findSession(stores, actor, id))) throw notFound('session', id);
  return selectEvents(stores, actor, id, page);
}
