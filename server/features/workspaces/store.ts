import { and, asc, count, desc, eq, gt, isNull, lt, ne, or, sql } from 'drizzle-orm';
import { invitations, users, workspaceMembers, workspaces } from '../../../drizzle/schema/index.ts';
import type { Actor, Role } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { Invitation, Workspace } from './contract.ts';

/** A person's workspaces, or the one of a token. */
export function selectWorkspaces(db: Database, actor: Actor): Promise<Workspace[]> {
  return db
    .select({
      id: workspaces.id,
      name: workspaces.name,
      role: workspaceMembers.role,
      createdAt: workspaces.createdAt,
    })
    .from(workspaceMembers)
    .innerJoin(workspaces, eq(workspaces.id, workspaceMembers.workspaceId))
    .where(
      and(
        eq(workspaceMembers.userId, actor.userId),
        actor.tokenId === null ? undefined : eq(workspaces.id, actor.workspaceId),
      ),
    )
    .orderBy(asc(workspaces.id))
    .limit(1000);
}

export async function insertWorkspace(tx: Transaction, actor: Actor, name: string): Promise<Workspace> {
  const [row] = await tx
    .insert(workspaces)
    .values({ name, objectPrefix: `${name}/`, createdBy: actor.userId })
    .returning();
  if (!row) throw new Error('The insert of a workspace answered no row.');
  await insertMembership(tx, row.id, actor.userId, 'owner', actor.userId);
  return { id: row.id, name, role: 'owner', createdAt: row.createdAt };
}

/** Makes changes of one workspace's members wait for each other, so that two cannot take its last two owners. */
export async function lockMembers(tx: Transaction, workspaceId: number): Promise<void> {
  await tx.execute(sql`select id from workspaces where id = ${workspaceId} for update`);
}

export async function countOtherOwners(tx: Transaction, actor: Actor, userId: number): Promise<number> {
  const [row] = await tx
    .select({ owners: count() })
    .from(workspaceMembers)
    .where(
      and(
        eq(workspaceMembers.workspaceId, actor.workspaceId),
        eq(workspaceMembers.role, 'owner'),
        ne(workspaceMembers.userId, userId),
      ),
    );
  return row?.owners ?? 0;
}

const memberOf = (actor: Actor, userId: number) =>
  and(eq(workspaceMembers.workspaceId, actor.workspaceId), eq(workspaceMembers.userId, userId));

export async function updateMemberRow(tx: Transaction, actor: Actor, userId: number, role: Role): Promise<boolean> {
  const changed = await tx
    .update(workspaceMembers)
    .set({ role })
    .where(memberOf(actor, userId))
    .returning({ id: workspaceMembers.userId });
  return changed.length > 0;
}

/** A member's address and role, and whether the person is known outside of the workspace. */
export async function findMemberStanding(tx: Transaction, actor: Actor, userId: number) {
  const [row] = await tx
    .select({ email: users.email, isAdmin: users.isAdmin, role: workspaceMembers.role })
    .from(workspaceMembers)
    .innerJoin(users, eq(users.id, workspaceMembers.userId))
    .where(memberOf(actor, userId));
  if (!row) return undefined;
  return { ...row, isHome: !row.isAdmin && !(await isMemberElsewhere(tx, userId, actor.workspaceId)) };
}

/** The member's tokens for the workspace go with the row. */
export async function deleteMemberRow(tx: Transaction, actor: Actor, userId: number): Promise<boolean> {
  const gone = await tx
    .delete(workspaceMembers)
    .where(memberOf(actor, userId))
    .returning({ id: workspaceMembers.userId });
  return gone.length > 0;
}

export async function insertInvitation(tx: Transaction, values: typeof invitations.$inferInsert): Promise<Invitation> {
  const [row] = await tx.insert(invitations).values(values).returning();
  if (!row) throw new Error('The insert of an invitation answered no row.');
  return row;
}

export function selectInvitations(
  db: Database,
  actor: Actor,
  limit: number,
  before: number | undefined,
): Promise<Invitation[]> {
  return db
    .select()
    .from(invitations)
    .where(
      and(
        eq(invitations.workspaceId, actor.workspaceId),
        before === undefined ? undefined : lt(invitations.id, before),
      ),
    )
    .orderBy(desc(invitations.id))
    .limit(limit);
}

export async function revokeInvitationRow(tx: Transaction, actor: Actor, id: number): Promise<boolean> {
  const changed = await tx
    .update(invitations)
    .set({ revokedAt: new Date() })
    .where(and(eq(invitations.workspaceId, actor.workspaceId), eq(invitations.id, id), isNull(invitations.acceptedAt)))
    .returning({ id: invitations.id });
  return changed.length > 0;
}

/**
 * An invitation is worth what its maker may still give: an owner of the workspace lets people in, and one who administers
 * the installation too vouches for them and makes admins.
 */
const living = (db: Database) => {
  const isByAdmin = sql<boolean>`coalesce(${users.isAdmin}, false)`;
  return db
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      makesAdmin: invitations.makesAdmin,
      createdBy: invitations.createdBy,
      workspace: { id: workspaces.id, name: workspaces.name },
      isByAdmin,
    })
    .from(invitations)
    .innerJoin(workspaces, eq(workspaces.id, invitations.workspaceId))
    .innerJoin(users, eq(users.id, invitations.createdBy))
    .innerJoin(
      workspaceMembers,
      and(
        eq(workspaceMembers.workspaceId, invitations.workspaceId),
        eq(workspaceMembers.userId, invitations.createdBy),
        eq(workspaceMembers.role, 'owner'),
      ),
    )
    .$dynamic();
};
const isLiving = (tokenHash: string) =>
  and(
    eq(invitations.tokenHash, tokenHash),
    isNull(invitations.acceptedAt),
    isNull(invitations.revokedAt),
    gt(invitations.expiresAt, sql`now()`),
    or(eq(invitations.makesAdmin, false), users.isAdmin),
  );

export type LivingInvitation = NonNullable<Awaited<ReturnType<typeof takeInvitation>>>;

/** The workspace of a living invitation; nothing is taken. */
export async function peekInvitation(db: Database, tokenHash: string): Promise<number | undefined> {
  const [row] = await living(db).where(isLiving(tokenHash)).limit(1);
  return row?.workspace.id;
}

/** Takes a living invitation, once. With `lockMembers` before it, its maker stays an owner until the transaction ends. */
export async function takeInvitation(tx: Transaction, tokenHash: string) {
  const [row] = await living(tx)
    .where(isLiving(tokenHash))
    .limit(1)
    .for('update', { of: [invitations] });
  if (!row) return undefined;
  await tx.update(invitations).set({ acceptedAt: new Date() }).where(eq(invitations.id, row.id));
  return row;
}

/** `isProven`: an admin vouched for the address, and nobody but the person knows the password since. */
export type Person = { id: number; isAdmin: boolean; isProven: boolean };

/** The person with an address, locked until the transaction ends. */
export async function findPerson(tx: Transaction, email: string): Promise<Person | undefined> {
  const [row] = await tx
    .select({ id: users.id, isAdmin: users.isAdmin, isProven: users.emailVerified })
    .from(users)
    .where(eq(sql`lower(${users.email})`, email.toLowerCase()))
    .for('no key update');
  return row;
}

export async function setVouchedFor(tx: Transaction, userId: number, isVouchedFor: boolean): Promise<void> {
  await tx.update(users).set({ emailVerified: isVouchedFor }).where(eq(users.id, userId));
}

export async function insertPerson(tx: Transaction, values: typeof users.$inferInsert): Promise<{ id: number }> {
  const [row] = await tx.insert(users).values(values).returning({ id: users.id });
  if (!row) throw new Error('The insert of a user answered no row.');
  return row;
}

export async function makeAdmin(tx: Transaction, userId: number): Promise<void> {
  await tx.update(users).set({ isAdmin: true }).where(eq(users.id, userId));
}

export async function isMemberElsewhere(tx: Transaction, userId: number, workspaceId: number): Promise<boolean> {
  const [row] = await tx
    .select({ id: workspaceMembers.workspaceId })
    .from(workspaceMembers)
    .where(and(eq(workspaceMembers.userId, userId), ne(workspaceMembers.workspaceId, workspaceId)))
    .limit(1);
  return row !== undefined;
}

/** Adds a member; an existing one keeps the role. Answers the role that holds. */
export async function insertMembership(
  tx: Transaction,
  workspaceId: number,
  userId: number,
  role: Role,
  createdBy: number | null,
): Promise<Role> {
  await tx.insert(workspaceMembers).values({ workspaceId, userId, role, createdBy }).onConflictDoNothing();
  const [row] = await tx
    .select({ role: workspaceMembers.role })
    .from(workspaceMembers)
    .where(and(eq(workspaceMembers.workspaceId, workspaceId), eq(workspaceMembers.userId, userId)));
  return row?.role ?? role;
}
