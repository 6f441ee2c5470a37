import { Column, is } from 'drizzle-orm';
import type { SelectedFieldsOrdered } from 'drizzle-orm/pg-core';
import type { Database } from './postgres.ts';

/**
 * A statement that Drizzle writes once for each database instead of at every call, which takes it longer than a query of one
 * row: `build` makes it of `sql.placeholder('name')` and ends with `.prepare('what')`; `execute({ name })` runs it. In a
 * transaction it is written anew.
 */
export function prepared<Statement extends object>(build: (db: Database) => Statement): (db: Database) => Statement {
  const built = new WeakMap<Database, Statement>();
  return (db) => {
    const found = built.get(db);
    if (found) return found;
    const statement = build(db);
    built.set(db, statement);
    return statement;
  };
}

type Rows = Record<string, unknown>[];

/**
 * Has the rows of plain selects, which join nothing, read by a list of columns that is made once a statement; Drizzle looks
 * up what each cell is anew.
 */
export function readsRowsOnce<Db extends Database>(db: Db): Db {
  const { session } = db._;
  const prepareQuery = session.prepareQuery.bind(session);
  session.prepareQuery = (query, fields, name, isInArrays, mapper, metadata, cache) =>
    prepareQuery(query, fields, name, isInArrays, mapper ?? (fields && rowsOf(fields)), metadata, cache);
  return db;
}

function rowsOf(fields: SelectedFieldsOrdered): ((rows: unknown[][]) => Rows) | undefined {
  if (fields.some(({ path, field }) => path.length !== 1 || !is(field, Column))) return undefined;
  const cells = fields.map(({ path: [key = ''], field }) => ({ key, decoder: is(field, Column) ? field : undefined }));
  return (rows) =>
    rows.map((row) => {
      const read: Record<string, unknown> = {};
      for (let at = 0; at < cells.length; at += 1) {
        const cell = cells[at];
        const raw = row[at];
        if (cell) read[cell.key] = raw === null || !cell.decoder ? raw : cell.decoder.mapFromDriverValue(raw);
      }
      return read;
    });
}
