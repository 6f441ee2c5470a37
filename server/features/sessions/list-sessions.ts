import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ListSessionsInput, Session } from './contract.ts';
import { selectSessions } from './store.ts';

/** The workspace's sessions, newest first, in pages. */
export async function listSessions(
  stores: Stores,
  actor: Actor,
  input: ListSessionsInput,
): Promise<{ items: Session[]; nextCursor: string | null }> {
  return selectSessions(stores, actor, input);
}
