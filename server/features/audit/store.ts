import { and, desc, eq, gte, like, lt, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { auditLog } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows } from '../../stores/postgres.ts';
import type { AuditEntry, ListAuditInput } from './contract.ts';

const columns = {
  id: auditLog.id,
  at: auditLog.createdAt,
  userId: auditLog.createdBy,
  action: auditLog.action,
  target: auditLog.target,
  tokenId: auditLog.tokenId,
  address: auditLog.address,
  details: auditLog.details,
};

/** One entry more than a page has, so that the caller sees whether there is a next one. */
export function selectEntries(
  db: Database,
  actor: Actor,
  wanted: ListAuditInput,
  before: number | undefined,
): Promise<AuditEntry[]> {
  const { userId, action, target, tokenId, since, until } = wanted;
  const below = action?.replace(/[\\%_]/g, '\\$&');
  return db
    .select(columns)
    .from(auditLog)
    .where(
      and(
        eq(auditLog.workspaceId, actor.workspaceId),
        before === undefined ? undefined : lt(auditLog.id, before),
        userId === undefined ? undefined : eq(auditLog.createdBy, userId),
        action === undefined ? undefined : or(eq(auditLog.action, action), like(auditLog.action, `${below}.%`)),
        target === undefined ? undefined : eq(auditLog.target, target),
        tokenId === undefined ? undefined : eq(auditLog.tokenId, tokenId),
        since === undefined ? undefined : gte(auditLog.createdAt, since),
        until === undefined ? undefined : lt(auditLog.createdAt, until),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(wanted.limit + 1);
}

export type AccountEvent = Readonly<{
  action:
    | 'auth.signIn'
    | 'auth.refusedSignIn'
    | 'auth.signOut'
    | 'auth.changePassword'
    | 'auth.revokeOtherSessions'
    | 'auth.endSignIns';
  /** The person who did it; for a refused sign-in, the address that was given. */
  person: { userId: number } | { email: string };
  address: string | undefined;
  details?: Record<string, string | boolean>;
}>;

/** One entry for each workspace of the person, or for the first one where there is no such person. */
export async function insertForPerson(
  db: Database,
  { action, person, address, details = {} }: AccountEvent,
): Promise<void> {
  const isProven = 'userId' in person;
  const isPerson = isProven ? sql`u.id = ${person.userId}` : sql`lower(u.email) = ${person.email.trim().toLowerCase()}`;
  await db.execute(sql`
    with known as (
      select m.workspace_id, u.id from users u join workspace_members m on m.user_id = u.id where ${isPerson}
    ), told as (
      select workspace_id, id from known
      union all select id, null from workspaces where object_prefix = '' and not exists (select from known)
    )
    insert into audit_log (workspace_id, created_by, action, target, address, details)
    select workspace_id, ${isProven ? sql`id` : sql`null::bigint`}, ${action}, coalesce('user:' || id, 'user'),
      ${address ?? null}, ${JSON.stringify(details)}::jsonb from told`);
}

/** Deletes at most `limit` entries that are older, in a transaction that says that it is the retention. */
export function deleteEntriesBefore(db: Database, before: Date, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('nexus.audit_retention', ${before.toISOString()}, true)`);
    const gone = await rows(
      tx,
      sql`delete from audit_log where id in (
            select id from audit_log where created_at < ${before.toISOString()}::timestamptz order by created_at limit ${limit}
          ) returning 1::int as one`,
      z.object({ one: z.number() }),
    );
    return gone.length;
  });
}
