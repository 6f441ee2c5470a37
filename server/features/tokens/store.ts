import { and, desc, eq, gt, isNull, or, type SQL, sql } from 'drizzle-orm';
import { accessTokens, users, workspaceMembers, workspaces } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { AccessToken } from './contract.ts';

export type LivingToken = Awaited<ReturnType<typeof findLivingTokens>>[number];

/** The living tokens of some hashes, each with what its user may do, in one indexed look-up. */
export function findLivingTokens(db: Database, tokenHashes: readonly string[]) {
  return db
    .select({
      id: accessTokens.id,
      tokenHash: accessTokens.tokenHash,
      scope: accessTokens.scope,
      expiresAt: accessTokens.expiresAt,
      workspaceId: accessTokens.workspaceId,
      userId: accessTokens.userId,
      role: workspaceMembers.role,
      isAdmin: users.isAdmin,
    })
    .from(accessTokens)
    .innerJoin(
      workspaceMembers,
      and(eq(workspaceMembers.workspaceId, accessTokens.workspaceId), eq(workspaceMembers.userId, accessTokens.userId)),
    )
    .innerJoin(users, eq(users.id, accessTokens.userId))
    .where(
      and(
        // One parameter, whatever their number: each other number would be another statement to prepare.
        sql`${accessTokens.tokenHash} in (select jsonb_array_elements_text(${JSON.stringify(tokenHashes)}::jsonb))`,
        isNull(accessTokens.revokedAt),
        or(isNull(accessTokens.expiresAt), gt(accessTokens.expiresAt, sql`now()`)),
      ),
    );
}

/** Writes the last use of many tokens at once; an older one changes nothing. */
export async function writeLastUses(db: Database, uses: readonly { id: string; at: Date }[]): Promise<void> {
  const list = JSON.stringify(uses);
  await db.execute(
    sql`update access_tokens set last_used_at = used.at
        from jsonb_to_recordset(${list}::jsonb) as used (id uuid, at timestamptz(3))
        where access_tokens.id = used.id and (last_used_at is null or last_used_at < used.at)`,
  );
}

export async function insertToken(tx: Database, values: typeof accessTokens.$inferInsert): Promise<AccessToken> {
  const [row] = await tx.insert(accessTokens).values(values).returning();
  if (!row) throw new Error('The insert of a token answered no row.');
  return row;
}

export function selectTokens(db: Database, actor: Actor): Promise<AccessToken[]> {
  return db
    .select()
    .from(accessTokens)
    .where(eq(accessTokens.workspaceId, actor.workspaceId))
    .orderBy(desc(accessTokens.createdAt))
    .limit(1000);
}

export async function revokeTokenRow(tx: Transaction, actor: Actor, id: string) {
  const [row] = await tx
    .update(accessTokens)
    .set({ revokedAt: new Date(), updatedAt: new Date() })
    .where(and(eq(accessTokens.workspaceId, actor.workspaceId), eq(accessTokens.id, id)))
    .returning();
  return row;
}

async function revokeTokens(db: Database, which: SQL | undefined): Promise<void> {
  const now = new Date();
  await db
    .update(accessTokens)
    .set({ revokedAt: now, updatedAt: now })
    .where(and(which, isNull(accessTokens.revokedAt)));
}

/** Ends all tokens that act for a person, in every workspace. */
export const revokeTokensOf = (db: Database, userId: number) => revokeTokens(db, eq(accessTokens.userId, userId));

/** Ends what a person made in a workspace, whomever it acts for: whoever made a token may have kept its secret. */
export const revokeTokensMadeBy = (db: Database, workspaceId: number, userId: number) =>
  revokeTokens(db, and(eq(accessTokens.workspaceId, workspaceId), eq(accessTokens.createdBy, userId)));

/** The first workspace and its admin; both are made where the database is new. */
export async function ensureFirstAdmin(db: Database): Promise<{ workspaceId: number; userId: number }> {
  return db.transaction(async (tx) => {
    await tx.insert(workspaces).values({ name: 'default', objectPrefix: '' }).onConflictDoNothing();
    const [workspace] = await tx.select().from(workspaces).where(eq(workspaces.objectPrefix, ''));
    await tx.insert(users).values({ username: 'admin', email: 'admin@localhost', isAdmin: true }).onConflictDoNothing();
    // Looked up by address, which no invitation names; anybody may choose a name.
    const [user] = await tx.select().from(users).where(eq(users.email, 'admin@localhost'));
    if (!workspace || !user) throw new Error('The first workspace could not be made.');
    await tx
      .insert(workspaceMembers)
      .values({ workspaceId: workspace.id, userId: user.id, role: 'owner' })
      .onConflictDoNothing();
    return { workspaceId: workspace.id, userId: user.id };
  });
}
