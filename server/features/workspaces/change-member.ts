import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { accessTopic, revokeTokensMadeBy } from '../tokens/index.ts';
import type { UpdateMemberInput } from './contract.ts';
import { countOtherOwners, deleteMemberRow, lockMembers, updateMemberRow } from './store.ts';

/** Gives a member another role. Throws `not_found`, and `conflict` for the last owner. */
export async function updateMember(
  stores: Stores,
  actor: Actor,
  { userId, role }: UpdateMemberInput,
): Promise<{ id: number }> {
  await stores.db.transaction(async (tx) => {
    await lockMembers(tx, actor.workspaceId);
    if (!(await updateMemberRow(tx, actor, userId, role))) throw notFound('member', userId);
    if (role !== 'owner') await refuseLastOwner(tx, actor, userId);
    await recordAudit(tx, actor, 'members.update', `user:${userId}`, { role });
  });
  stores.signals.send(accessTopic);
  return { id: userId };
}

/** Ends a membership, and with it the member's tokens and those that the member made for others. Throws `not_found`, and `conflict` for the last owner. */
export async function removeMember(
  stores: Stores,
  actor: Actor,
  { userId }: { userId: number },
): Promise<{ id: number }> {
  await stores.db.transaction(async (tx) => {
    await lockMembers(tx, actor.workspaceId);
    if (!(await deleteMemberRow(tx, actor, userId))) throw notFound('member', userId);
    await refuseLastOwner(tx, actor, userId);
    await revokeTokensMadeBy(tx, actor.workspaceId, userId);
    await recordAudit(tx, actor, 'members.delete', `user:${userId}`);
  });
  stores.signals.send(accessTopic);
  return { id: userId };
}

async function refuseLastOwner(tx: Transaction, actor: Actor, userId: number): Promise<void> {
  if ((await countOtherOwners(tx, actor, userId)) > 0) return;
  throw new NexusError('conflict', `User ${userId} is the workspace’s last owner; make somebody else an owner first.`, {
    details: { field: 'userId', value: userId },
  });
}
