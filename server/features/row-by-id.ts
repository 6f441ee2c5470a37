import { type Column, eq, is, type SQL, sql } from 'drizzle-orm';
import { PgTransaction } from 'drizzle-orm/pg-core';
import type { Actor } from '../procedure/actor.ts';
import { type Database, refuseInside } from '../stores/postgres.ts';
import { prepared } from '../stores/prepared.ts';
import { gathered } from './gathered.ts';

/** Most rows read by one statement. */
const mostRows = 64;

type Owned = { id: number; workspaceId: number };
type Statement<Row> = { execute(values: { workspaceId: number; id?: number; ids?: string }): Promise<Row[]> };
type Build<Row> = (db: Database, isAsked: (columns: { workspaceId: Column; id: Column }) => SQL) => Statement<Row>;

/**
 * Finds a row of a workspace by its id. Those that are asked for in one moment, or while others are read, are read by one
 * statement a workspace; who asks for the same row may get the same object. In a transaction each is read by itself. `build`
 * makes the statement as `prepared` says.
 */
export function rowById<Row extends Owned>(
  build: Build<Row>,
): (db: Database, actor: Actor, id: number) => Promise<Row | undefined> {
  const one = prepared((db) => build(db, isOne));
  const several = prepared((db) => build(db, isOneOf));
  const findOne = async (db: Database, { workspaceId, id }: Owned) => (await one(db).execute({ workspaceId, id }))[0];
  const read = async (db: Database, asked: readonly Owned[]): Promise<{ row: Row | undefined }[]> => {
    const [first] = asked;
    if (first && asked.length === 1) return [{ row: await findOne(db, first) }];
    const byWorkspace = Map.groupBy(asked, ({ workspaceId }) => workspaceId);
    const rows = await Promise.all(
      [...byWorkspace].map(([workspaceId, own]) =>
        several(db).execute({ workspaceId, ids: own.map(({ id }) => id).join() }),
      ),
    );
    const found = new Map(rows.flat().map((row) => [row.id, row]));
    return asked.map(({ id, workspaceId }) => {
      const row = found.get(id);
      return { row: row?.workspaceId === workspaceId ? row : undefined };
    });
  };
  const together = new WeakMap<Database, (asked: Owned) => Promise<{ row: Row | undefined }>>();
  return async (db, { workspaceId }, id) => {
    const asked = { workspaceId, id };
    if (is(db, PgTransaction)) return findOne(db, asked);
    // Asked here, for the statement may go out in the name of another call.
    refuseInside(db);
    const known = together.get(db) ?? gathered(mostRows, (all) => read(db, all));
    together.set(db, known);
    return (await known(asked)).row;
  };
}

type Columns = { workspaceId: Column; id: Column };
const isIn = ({ workspaceId }: Columns) => eq(workspaceId, sql.placeholder('workspaceId'));
const isOne = (columns: Columns) => sql`${isIn(columns)} and ${eq(columns.id, sql.placeholder('id'))}`;
// One parameter, whatever their number: each other number would be another statement to prepare.
const isOneOf = (columns: Columns) =>
  sql`${isIn(columns)} and ${columns.id} = any(string_to_array(${sql.placeholder('ids')}, ',')::bigint[])`;
