import { NexusError } from '../../errors.ts';
import { isViolationOf, type Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { hasAccount, hashPassword, insertPassword } from '../accounts/index.ts';
import { recordAudit } from '../audit/index.ts';
import { accessTopic, hashSecret } from '../tokens/index.ts';
import type { AcceptedInvitation, AcceptInvitationInput } from './contract.ts';
import { findPerson, insertMembership, insertPerson, isMemberElsewhere, makeAdmin, takeInvitation } from './store.ts';

/**
 * Lets the invited person in, who needs no credential but the invitation: a new person is made, one who is there becomes
 * a member. Whoever signs in already keeps the password, and so does whoever another workspace knows, because an owner
 * here might otherwise become somebody there; an admin's invitation gives them one.
 *
 * Throws `not_found` for an invitation that is unknown, accepted, revoked or past its time, and `conflict` where the
 * username is taken.
 */
export async function acceptInvitation(
  stores: Stores,
  input: AcceptInvitationInput,
  address: string | undefined,
): Promise<AcceptedInvitation> {
  const password = input.password === undefined ? undefined : await hashPassword(input.password);
  try {
    const accepted = await stores.db.transaction((tx) => acceptIn(tx, input, password, address));
    stores.signals.send(accessTopic);
    return accepted;
  } catch (error) {
    if (!isViolationOf(error, 'users_username_key')) throw error;
    throw new NexusError('conflict', `The username "${input.username}" is taken; use another.`, {
      details: { field: 'username', value: input.username },
      cause: error,
    });
  }
}

async function acceptIn(
  tx: Transaction,
  input: AcceptInvitationInput,
  password: string | undefined,
  address: string | undefined,
): Promise<AcceptedInvitation> {
  const invitation = await takeInvitation(tx, hashSecret(input.token));
  if (!invitation) {
    throw new NexusError('not_found', 'There is no such invitation, or it has ended; ask for another.');
  }
  const { email, workspace, isByAdmin, createdBy } = invitation;
  const known = await findPerson(tx, email);
  const person =
    known ??
    (await insertPerson(tx, { username: input.username ?? email, email, emailVerified: isByAdmin, createdBy }));
  const isPasswordSet =
    password !== undefined &&
    !(await hasAccount(tx, person.id)) &&
    (!known || isByAdmin || (!known.isAdmin && !(await isMemberElsewhere(tx, person.id, workspace.id))));
  if (isPasswordSet) await insertPassword(tx, person.id, password);
  if (invitation.makesAdmin) await makeAdmin(tx, person.id);
  const role = await insertMembership(tx, workspace.id, person.id, invitation.role, createdBy);
  const actor = { userId: person.id, workspaceId: workspace.id, role, isAdmin: false, tokenId: null, address };
  await recordAudit(tx, actor, 'invitations.accept', `invitation:${invitation.id}`, { role });
  return { userId: person.id, workspace, role, isPasswordSet };
}
