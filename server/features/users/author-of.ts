import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import { findMember } from './store.ts';

/**
 * The owner of a new thing: the actor, or the member that an admin names. Throws `forbidden` where anybody else names
 * another user, and `not_found` where the user is no member of the workspace.
 */
export async function authorOf(db: Database, actor: Actor, createdBy: number | undefined): Promise<number> {
  if (createdBy === undefined || createdBy === actor.userId) return actor.userId;
  if (!actor.isAdmin) {
    throw new NexusError(
      'forbidden',
      `createdBy names user ${createdBy}, but you are user ${actor.userId}; leave it out, or ask an admin.`,
      { details: { field: 'createdBy', value: createdBy } },
    );
  }
  if (!(await findMember(db, actor, createdBy))) throw notFound('user', createdBy);
  return createdBy;
}
