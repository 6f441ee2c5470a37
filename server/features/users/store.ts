import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { users, workspaceMembers, workspaces } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { CreateUserInput, User } from './contract.ts';

const columns = {
  id: users.id,
  username: users.username,
  email: users.email,
  role: workspaceMembers.role,
  isAdmin: users.isAdmin,
  createdAt: users.createdAt,
  updatedAt: users.updatedAt,
  createdBy: users.createdBy,
};

const members = (db: Database) =>
  db.select(columns).from(workspaceMembers).innerJoin(users, eq(users.id, workspaceMembers.userId)).$dynamic();

export async function findMember(db: Database, actor: Actor, id: number): Promise<User | undefined> {
  const [row] = await members(db).where(and(eq(workspaceMembers.workspaceId, actor.workspaceId), eq(users.id, id)));
  return row;
}

export function selectMembers(db: Database, actor: Actor, limit: number, before: number | undefined): Promise<User[]> {
  return members(db)
    .where(
      and(eq(workspaceMembers.workspaceId, actor.workspaceId), before === undefined ? undefined : lt(users.id, before)),
    )
    .orderBy(desc(users.id))
    .limit(limit);
}

export async function insertMember(tx: Transaction, actor: Actor, input: CreateUserInput): Promise<User> {
  const { role, ...person } = input;
  const [user] = await tx
    .insert(users)
    .values({ ...person, email: person.email.toLowerCase(), emailVerified: true, createdBy: actor.userId })
    .returning();
  if (!user) throw new Error('The insert of a user answered no row.');
  await tx
    .insert(workspaceMembers)
    .values({ workspaceId: actor.workspaceId, userId: user.id, role, createdBy: actor.userId });
  return { ...user, role };
}

/** Whether a member of the workspace has this name. Members change one after the other until the transaction ends. */
export async function isNameTaken(tx: Transaction, workspaceId: number, username: string): Promise<boolean> {
  await tx.execute(sql`select id from workspaces where id = ${workspaceId} for update`);
  const [row] = await members(tx)
    .where(and(eq(workspaceMembers.workspaceId, workspaceId), sql`lower(${users.username}) = lower(${username})`))
    .limit(1);
  return row !== undefined;
}

export async function readWorkspace(db: Database, actor: Actor): Promise<{ id: number; name: string }> {
  const [row] = await db
    .select({ id: workspaces.id, name: workspaces.name })
    .from(workspaces)
    .where(eq(workspaces.id, actor.workspaceId));
  if (!row) throw new Error('The actor’s workspace is gone.');
  return row;
}
