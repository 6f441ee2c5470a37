import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { appendParts } from '../context/index.ts';
import type { LoggedSessionEvents, LogSessionInput } from './contract.ts';
import { requireOwnSession } from './own-session.ts';
import { eventsOf } from './store.ts';

/**
 * Logs what happens in an active session: in one's own, or in any as an owner or an admin (`forbidden` otherwise). Each
 * event is a document of its own. Not atomic; sent again with the same ids, what is there stays as it is. Throws
 * `not_found`, and `conflict` for a session that has ended or an id that has another event.
 */
export async function logEvents(
  stores: Stores,
  actor: Actor,
  { id, events, ids }: LogSessionInput,
): Promise<LoggedSessionEvents> {
  const { session } = await requireOwnSession(stores, actor, id);
  if (session.status !== 'active') {
    throw new NexusError('conflict', `The session "${id}" has ended; start another to log events.`, {
      details: { id, status: session.status },
    });
  }
  const contents = (Array.isArray(events) ? events : [events]).map(({ type, data }) => ({ type, data }));
  const family = { ...eventsOf(id), noun: 'events', parentField: 'session_id' };
  return { id, ids: await appendParts(stores, actor, { ...family, topologyId: null, contents, ids }) };
}
