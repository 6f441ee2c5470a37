import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import type { User } from './contract.ts';
import { selectMembers } from './store.ts';

/** The workspace's members, newest first, in pages. */
export async function listUsers(
  stores: Stores,
  actor: Actor,
  input: { limit: number; cursor?: string | undefined },
): Promise<{ items: User[]; nextCursor: string | null }> {
  const found = await selectMembers(stores.db, actor, input.limit + 1, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (user) => [user.id]);
}
