import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { documentFeed, workspaces } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';

const feedLock = 7_203_846_120;

export type FeedRow = { database: string; documentId: string; revision: string; position: number; isDeleted: boolean };
export type FeedEntry = { documentId: string; workspaceId: number; revision: string; scope: string };
export type FeedDeletion = { documentId: string; revision: string };
/** The workspace and scope that are told of a change. */
export type Told = { workspaceId: number; scope: string };

/** Generation, then hash: the order in which CouchDB itself chooses among revisions. */
const isNewer = (given: SQL) => sql`
  (split_part(${given}, '-', 1)::int, split_part(${given}, '-', 2) collate "C")
  > (split_part(document_feed.revision, '-', 1)::int, split_part(document_feed.revision, '-', 2) collate "C")`;

const ToldRow = z.object({ workspaceId: z.number(), scope: z.string() });

/**
 * Gives a position to each document whose revision is newer than the one that has one (`isForced`: another one). Several
 * followers do this on one database: the lock, held to the end of the transaction, lets positions come into sight in order.
 */
export async function writeFeed(
  tx: Transaction,
  database: string,
  {
    entries,
    deletions,
    isForced,
  }: { entries: readonly FeedEntry[]; deletions: readonly FeedDeletion[]; isForced: boolean },
): Promise<Told[]> {
  await tx.execute(sql`select pg_advisory_xact_lock(${feedLock})`);
  const told: Told[] = [];
  const known = await knownWorkspaces(tx, entries);
  const ours = entries.filter(({ workspaceId }) => known.has(workspaceId));
  if (ours.length > 0) {
    const given = JSON.stringify(
      ours.map(({ documentId, workspaceId, revision, scope }) => ({
        document_id: documentId,
        workspace_id: workspaceId,
        revision,
        scope,
      })),
    );
    const isOther = sql`document_feed.revision <> excluded.revision`;
    const query = sql`
      insert into document_feed (database, document_id, workspace_id, revision, scope, position)
      select ${database}::text, given.*, nextval('document_feed_positions')
      from json_to_recordset(${given}::text::json) as given (document_id text, workspace_id bigint, revision text, scope text)
      on conflict (database, document_id) do update set workspace_id = excluded.workspace_id,
        revision = excluded.revision, scope = excluded.scope, position = excluded.position, is_deleted = false
      where ${isForced ? isOther : isNewer(sql`excluded.revision`)}
      returning workspace_id::float8 as "workspaceId", scope`;
    told.push(...(await rows(tx, query, ToldRow)));
  }
  for (const { documentId, revision } of deletions) {
    const query = sql`
      update document_feed set revision = ${revision}, position = nextval('document_feed_positions'), is_deleted = true
      where database = ${database} and document_id = ${documentId} and not is_deleted
        and ${isForced ? sql`true` : isNewer(sql`${revision}::text`)}
      returning workspace_id::float8 as "workspaceId", scope`;
    told.push(...(await rows(tx, query, ToldRow)));
  }
  return told;
}

async function knownWorkspaces(tx: Transaction, entries: readonly FeedEntry[]): Promise<Set<number>> {
  const ids = [...new Set(entries.map(({ workspaceId }) => workspaceId))];
  if (ids.length === 0) return new Set();
  const found = await tx.select({ id: workspaces.id }).from(workspaces).where(inArray(workspaces.id, ids));
  return new Set(found.map(({ id }) => id));
}

/** Forgets parts of which nobody is told that they went. */
export async function dropFromFeed(tx: Transaction, database: string, documentIds: readonly string[]): Promise<void> {
  if (documentIds.length === 0) return;
  const these = inArray(documentFeed.documentId, [...documentIds]);
  await tx.delete(documentFeed).where(and(eq(documentFeed.database, database), these));
}

/** The newest position, of whatever workspace: what comes later has a greater one. */
export async function newestPosition(db: Database, actor: Actor): Promise<number> {
  const query = sql`select coalesce(max(position), 0)::float8 as newest from document_feed where workspace_id = ${actor.workspaceId}`;
  const [row] = await rows(db, query, z.object({ newest: z.number() }));
  return row?.newest ?? 0;
}

const Row = z.object({
  database: z.string(),
  documentId: z.string(),
  revision: z.string(),
  position: z.number(),
  isDeleted: z.boolean(),
});

export function readFeed(
  db: Database,
  actor: Actor,
  asked: { databases: readonly string[]; scope: string | undefined; after: number; limit: number },
): Promise<FeedRow[]> {
  const databases = sql.join(
    asked.databases.map((one) => sql`${one}`),
    sql`, `,
  );
  const query = sql`
    select database, document_id as "documentId", revision, position::float8 as position, is_deleted as "isDeleted"
    from document_feed
    where workspace_id = ${actor.workspaceId} and database in (${databases}) and position > ${asked.after}
      ${asked.scope === undefined ? sql`` : sql`and scope = ${asked.scope}`}
    order by position limit ${asked.limit}`;
  return rows(db, query, Row);
}
