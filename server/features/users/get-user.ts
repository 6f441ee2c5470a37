import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { CurrentUser, User } from './contract.ts';
import { findMember, readWorkspace } from './store.ts';

/** A member of the workspace. Throws `not_found`. */
export async function getUser(stores: Stores, actor: Actor, { id }: { id: number }): Promise<User> {
  const user = await findMember(stores.db, actor, id);
  if (!user) throw notFound('user', id);
  return user;
}

/** The actor as a member, and the workspace. */
export async function getCurrentUser(stores: Stores, actor: Actor): Promise<CurrentUser> {
  const [user, workspace] = await Promise.all([
    getUser(stores, actor, { id: actor.userId }),
    readWorkspace(stores.db, actor),
  ]);
  return { ...user, workspace };
}
