import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import { hashSecret, newSecret } from '../tokens/index.ts';
import type { CreateInvitationInput, Invitation, NewInvitation } from './contract.ts';
import { insertInvitation, revokeInvitationRow, selectInvitations } from './store.ts';

/** Makes an invitation. Its secret is in this answer only; no mail is sent. */
export async function createInvitation(
  stores: Stores,
  actor: Actor,
  { email, role, makesAdmin, days }: CreateInvitationInput,
): Promise<NewInvitation> {
  if (makesAdmin && !actor.isAdmin) {
    throw new NexusError('forbidden', 'makesAdmin is true, which is for admins of the installation; leave it out.', {
      details: { field: 'makesAdmin', value: true },
    });
  }
  return stores.db.transaction(async (tx) => {
    const invitation = await newInvitation(tx, actor, { email, role, makesAdmin, days });
    await recordAudit(tx, actor, 'invitations.create', `invitation:${invitation.id}`, { email, role, makesAdmin });
    return invitation;
  });
}

export async function newInvitation(
  tx: Transaction,
  actor: Actor,
  { email, role, makesAdmin, days }: CreateInvitationInput,
): Promise<NewInvitation> {
  const token = newSecret('invite');
  const row = await insertInvitation(tx, {
    workspaceId: actor.workspaceId,
    createdBy: actor.userId,
    email: email.toLowerCase(),
    role,
    makesAdmin,
    tokenHash: hashSecret(token),
    expiresAt: new Date(Date.now() + days * 86_400_000),
  });
  return { ...row, token };
}

/** The workspace's invitations without their secrets, newest first, in pages. */
export async function listInvitations(
  stores: Stores,
  actor: Actor,
  input: { limit: number; cursor?: string | undefined },
): Promise<{ items: Invitation[]; nextCursor: string | null }> {
  const found = await selectInvitations(stores.db, actor, input.limit + 1, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (invitation) => [invitation.id]);
}

/** Ends an invitation that nobody accepted. Throws `not_found`. */
export async function revokeInvitation(stores: Stores, actor: Actor, { id }: { id: number }): Promise<{ id: number }> {
  await stores.db.transaction(async (tx) => {
    if (!(await revokeInvitationRow(tx, actor, id))) throw notFound('open invitation', id);
    await recordAudit(tx, actor, 'invitations.revoke', `invitation:${id}`);
  });
  return { id };
}
