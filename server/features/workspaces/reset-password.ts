import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { NewInvitation, ResetPasswordInput } from './contract.ts';
import { newInvitation } from './invite.ts';
import { findMemberStanding } from './store.ts';

/**
 * An invitation by which a member who lost the password sets a new one, which ends every session; no mail is sent. An owner
 * makes it for members of this workspace alone: who knows a new password of somebody could be that person elsewhere. Throws
 * `not_found`, and `forbidden` where only an admin may.
 */
export async function resetPassword(
  stores: Stores,
  actor: Actor,
  { userId, days }: ResetPasswordInput,
): Promise<NewInvitation> {
  return stores.db.transaction(async (tx) => {
    const member = await findMemberStanding(tx, actor, userId);
    if (!member) throw notFound('member', userId);
    if (!member.isHome && !actor.isAdmin) {
      throw new NexusError(
        'forbidden',
        `User ${userId} has rights outside of this workspace; ask who administers the installation.`,
        { details: { field: 'userId', value: userId } },
      );
    }
    const { email, role } = member;
    const invitation = await newInvitation(tx, actor, { email, role, makesAdmin: false, days });
    await recordAudit(tx, actor, 'members.resetPassword', `user:${userId}`, { invitation: invitation.id });
    return invitation;
  });
}
