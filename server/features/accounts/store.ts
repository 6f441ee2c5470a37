import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { and, asc, eq } from 'drizzle-orm';
import {
  authAccounts,
  authSessions,
  authVerifications,
  users,
  workspaceMembers,
} from '../../../drizzle/schema/index.ts';
import type { Database } from '../../stores/postgres.ts';

/** The tables that better-auth reads and writes by itself. */
export const accountTables = (db: Database) =>
  drizzleAdapter(db, {
    provider: 'pg',
    schema: { user: users, session: authSessions, account: authAccounts, verification: authVerifications },
    // The embedded store is one backend: a transaction of the library's would wait for its own other queries.
    transaction: false,
  });

/** A person's membership of a workspace, or the first one where none is named. */
export async function findMembership(db: Database, userId: number, workspaceId: number | undefined) {
  const [row] = await db
    .select({ workspaceId: workspaceMembers.workspaceId, role: workspaceMembers.role, isAdmin: users.isAdmin })
    .from(workspaceMembers)
    .innerJoin(users, eq(users.id, workspaceMembers.userId))
    .where(
      and(
        eq(workspaceMembers.userId, userId),
        workspaceId === undefined ? undefined : eq(workspaceMembers.workspaceId, workspaceId),
      ),
    )
    .orderBy(asc(workspaceMembers.workspaceId))
    .limit(1);
  return row;
}

/** Gives a person a password where there is none. */
export async function insertPassword(tx: Database, userId: number, password: string): Promise<void> {
  await tx
    .insert(authAccounts)
    .values({ userId, providerId: 'credential', accountId: String(userId), password })
    .onConflictDoNothing();
}

export async function hasAccount(tx: Database, userId: number): Promise<boolean> {
  const [row] = await tx
    .select({ id: authAccounts.id })
    .from(authAccounts)
    .where(eq(authAccounts.userId, userId))
    .limit(1);
  return row !== undefined;
}
