import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { and, asc, desc, eq, gt, sql } from 'drizzle-orm';
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

/** Sets a password anew: what the account was entered by before, sessions included, opens nothing any more. */
export async function replacePassword(tx: Database, userId: number, password: string): Promise<void> {
  await tx.delete(authSessions).where(eq(authSessions.userId, userId));
  await tx.delete(authAccounts).where(eq(authAccounts.userId, userId));
  await tx.insert(authAccounts).values({ userId, providerId: 'credential', accountId: String(userId), password });
}

/** The living sessions of a person, the newest first. */
export function selectSignIns(db: Database, userId: number) {
  return db
    .select({
      id: authSessions.id,
      createdAt: authSessions.createdAt,
      expiresAt: authSessions.expiresAt,
      address: authSessions.ipAddress,
      program: authSessions.userAgent,
    })
    .from(authSessions)
    .where(and(eq(authSessions.userId, userId), gt(authSessions.expiresAt, sql`now()`)))
    .orderBy(desc(authSessions.id))
    .limit(1000);
}

/** Ends a person's session, or all of them. Answers how many. */
export async function deleteSignIns(tx: Database, userId: number, id?: number): Promise<number> {
  const gone = await tx
    .delete(authSessions)
    .where(and(eq(authSessions.userId, userId), id === undefined ? undefined : eq(authSessions.id, id)))
    .returning({ id: authSessions.id });
  return gone.length;
}
