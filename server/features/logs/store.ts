import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { storedObjects } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';

const Numbered = z.object({ greatest: z.number().nullable() });

/** The greatest n of the keys `<stem>-<n><extension>`, 1 where there is only `<stem><extension>`, 0 where there is none. */
export async function greatestNumber(
  db: Database,
  actor: Actor,
  { bucket, stem, extension }: { bucket: string; stem: string; extension: string },
): Promise<number> {
  const middle = sql`substr(${storedObjects.key}, length(${stem}::text) + 1, length(${storedObjects.key}) - length(${stem}::text) - length(${extension}::text))`;
  const isOne = and(
    eq(storedObjects.workspaceId, actor.workspaceId),
    eq(storedObjects.bucket, bucket),
    sql`starts_with(${storedObjects.key}, ${stem}::text)`,
    sql`right(${storedObjects.key}, length(${extension}::text)) = ${extension}::text`,
    sql`length(${storedObjects.key}) >= length(${stem}::text) + length(${extension}::text)`,
  );
  const [row] = await rows(
    db,
    sql`select max(case when middle = '' then 1 when middle ~ '^-[1-9][0-9]{0,6}$' then substr(middle, 2)::int end) as greatest
      from (select ${middle} as middle from ${storedObjects} where ${isOne}) found`,
    Numbered,
  );
  return row?.greatest ?? 0;
}

/** The id of what a call that named itself so has stored; undefined where none has. */
export async function findLogOf(db: Database, actor: Actor, requestId: string): Promise<string | undefined> {
  const [row] = await db
    .select({ id: storedObjects.id })
    .from(storedObjects)
    .where(and(eq(storedObjects.workspaceId, actor.workspaceId), eq(storedObjects.requestId, requestId)));
  return row?.id;
}

/** Leaves everything else of the row as it was answered. */
export async function setRequestId(tx: Transaction, actor: Actor, id: string, requestId: string): Promise<void> {
  await tx
    .update(storedObjects)
    .set({ requestId, updatedAt: sql`${storedObjects.updatedAt}` })
    .where(and(eq(storedObjects.workspaceId, actor.workspaceId), eq(storedObjects.id, id)));
}
