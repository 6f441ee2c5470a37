import { type Column, is, type SQL, sql } from 'drizzle-orm';
import { PgTransaction } from 'drizzle-orm/pg-core';
import { type Database, refuseInside } from '../stores/postgres.ts';
import { prepared } from '../stores/prepared.ts';
import type { Actor } from './actor.ts';
import { gathered } from './gathered.ts';

/** Of one statement. */
const mostRows = 64;

type Owned = { id: number; workspaceId: number };
type Statement<Row> = { execute(values: { workspaceIds: string; ids: string }): Promise<Row[]> };

/**
 * Finds a row of a workspace by its id. Those that are asked for in one moment, or while others are read, are read by one
 * statement, which holds each id to the workspace of whoever asked; who asks for the same row may get the same object. In a
 * transaction each is read by itself. `build` makes the statement as `prepared` says.
 */
export function rowById<Row extends Owned>(
  build: (db: Database, isAsked: (columns: { workspaceId: Column; id: Column }) => SQL) => Statement<Row>,
): (db: Database, actor: Actor, id: number) => Promise<Row | undefined> {
  const statement = prepared((db) => build(db, isAsked));
  const read = async (db: Database, asked: readonly Owned[]): Promise<{ row: Row | undefined }[]> => {
    const workspaceIds = asked.map(({ workspaceId }) => workspaceId).join();
    const rows = await statement(db).execute({ workspaceIds, ids: asked.map(({ id }) => id).join() });
    const found = new Map(rows.map((row) => [row.id, row]));
    return asked.map(({ id, workspaceId }) => {
      const row = found.get(id);
      return { row: row?.workspaceId === workspaceId ? row : undefined };
    });
  };
  const together = new WeakMap<Database, (asked: Owned) => Promise<{ row: Row | undefined }>>();
  return async (db, { workspaceId }, id) => {
    const asked = { workspaceId, id };
    if (is(db, PgTransaction)) return (await read(db, [asked]))[0]?.row;
    // Asked here, for the statement may go out in the name of another call.
    refuseInside(db);
    const known = together.get(db) ?? gathered(mostRows, (all) => read(db, all));
    together.set(db, known);
    return (await known(asked)).row;
  };
}

// Two parameters, whatever their number: each other number would be another statement to prepare.
const isAsked = ({ workspaceId, id }: { workspaceId: Column; id: Column }) =>
  sql`(${workspaceId}, ${id}) in (select * from unnest(
    string_to_array(${sql.placeholder('workspaceIds')}, ',')::bigint[], string_to_array(${sql.placeholder('ids')}, ',')::bigint[]))`;
