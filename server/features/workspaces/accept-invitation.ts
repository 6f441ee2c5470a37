import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isViolationOf, type Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { type Accounts, replacePassword } from '../accounts/index.ts';
import { recordAudit } from '../audit/index.ts';
import { accessTopic, hashSecret, revokeTokensOf } from '../tokens/index.ts';
import { requireFreeName } from '../users/index.ts';
import type { AcceptedInvitation, AcceptInvitationInput } from './contract.ts';
import {
  findPerson,
  insertMembership,
  insertPerson,
  isMemberElsewhere,
  type LivingInvitation,
  lockMembers,
  makeAdmin,
  type Person,
  peekInvitation,
  setVouchedFor,
  takeInvitation,
} from './store.ts';

/** The accepting person: their address, and the actor where they are signed in. */
export type Accepting = Readonly<{ actor: Actor | undefined; address: string | undefined }>;

/**
 * Lets the invited person in. A new person is made. Whoever has an account already shows to be its person: signed in, or by
 * a new password, which ends every session, and which only an admin's invitation sets for a person who is known outside of
 * this workspace. So nobody who makes an invitation ever knows a password that counts anywhere else.
 *
 * Throws `not_found` for an invitation that is unknown, accepted, revoked or past its time, or whose maker could no longer
 * make it, `precondition_failed` where the account's person has to sign in or to give a password, and `conflict` where the
 * username is taken in the workspace.
 */
export async function acceptInvitation(
  stores: Stores,
  accounts: Accounts,
  input: AcceptInvitationInput,
  by: Accepting,
): Promise<AcceptedInvitation> {
  const tokenHash = hashSecret(input.token);
  // A hash costs: nobody has one for a made-up invitation.
  const workspaceId = await peekInvitation(stores.db, tokenHash);
  if (workspaceId === undefined) throw noInvitation();
  const password = input.password === undefined ? undefined : await accounts.hashPassword(input.password, by.address);
  try {
    const accepted = await stores.db.transaction(async (tx) => {
      await lockMembers(tx, workspaceId);
      const invitation = await takeInvitation(tx, tokenHash);
      if (!invitation) throw noInvitation();
      return acceptIn(tx, invitation, input, password, by);
    });
    stores.signals.send(accessTopic);
    return accepted;
  } catch (error) {
    if (!isViolationOf(error, 'users_email_key')) throw error;
    throw new NexusError('conflict', 'The person accepted another invitation at this moment; accept this one again.', {
      cause: error,
    });
  }
}

const noInvitation = () =>
  new NexusError('not_found', 'There is no such invitation, or it has ended; ask for another.');

async function acceptIn(
  tx: Transaction,
  invitation: LivingInvitation,
  input: AcceptInvitationInput,
  password: string | undefined,
  { actor: caller, address }: Accepting,
): Promise<AcceptedInvitation> {
  const { email, workspace, createdBy, isByAdmin, makesAdmin } = invitation;
  const known = await findPerson(tx, email);
  let isPasswordSet = password !== undefined;
  if (known) {
    const isHome = !known.isAdmin && !makesAdmin && !(await isMemberElsewhere(tx, known.id, workspace.id));
    // A token is a program's: it does not show that its person is here.
    const isSelf = caller?.tokenId === null && caller.userId === known.id;
    isPasswordSet = mustSetPassword({ isHome, isSelf, isByAdmin, isProven: known.isProven }, password !== undefined);
  }
  const person = known ?? (await insertNew(tx, input, invitation));
  if (isPasswordSet && password !== undefined) {
    await replacePassword(tx, person.id, password);
    if (known) await setVouchedFor(tx, person.id, isByAdmin);
  }
  // A former holder of the account may have made tokens, which must not gain the person's new access.
  const isFirstProof = isPasswordSet && isByAdmin && known?.isProven === false;
  if (input.endTokens || isFirstProof) await revokeTokensOf(tx, person.id);
  if (makesAdmin) await makeAdmin(tx, person.id);
  const role = await insertMembership(tx, workspace.id, person.id, invitation.role, createdBy);
  const actor = { userId: person.id, workspaceId: workspace.id, role, isAdmin: false, tokenId: null, address };
  await recordAudit(tx, actor, 'invitations.accept', `invitation:${invitation.id}`, { role, isPasswordSet });
  return { userId: person.id, workspace, role, isPasswordSet };
}

/** `isHome`: neither the person nor the invitation has a right outside of the workspace. */
type Standing = Readonly<{ isHome: boolean; isSelf: boolean; isByAdmin: boolean; isProven: boolean }>;

/** Whether a person with an account has a new password set; refuses who shows in no way to be the person. */
function mustSetPassword({ isHome, isSelf, isByAdmin, isProven }: Standing, isGiven: boolean): boolean {
  if (isGiven && (isByAdmin || isHome || (isSelf && !isProven))) return true;
  if (isSelf && (isProven || isHome)) return false;
  const message =
    isByAdmin || isHome || isSelf
      ? 'The invited person has an account, which another may know the password of; give a new password with the token.'
      : 'The invited person has an account; sign in with it and accept again, or ask an admin for the invitation.';
  throw new NexusError('precondition_failed', message, { details: { field: 'password' } });
}

async function insertNew(
  tx: Transaction,
  { username }: AcceptInvitationInput,
  { email, workspace, isByAdmin, createdBy }: LivingInvitation,
): Promise<Pick<Person, 'id'>> {
  const name = username ?? email;
  await requireFreeName(tx, workspace.id, name);
  return insertPerson(tx, { username: name, email, emailVerified: isByAdmin, createdBy });
}
