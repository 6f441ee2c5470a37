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
