import { isPromise } from 'node:util/types';
import type { Database } from './postgres.ts';

type Around = <Result>(
  name: string,
  attributes: Record<string, string | number>,
  work: () => Promise<Result>,
) => Promise<Result>;

/** Makes spans of work where traces are on. */
export type Observe = {
  /** A span within a request or an effect; work that belongs to neither runs without one. */
  child: Around;
  /** A trace of its own, for work that nobody waits for. */
  root: Around;
};

type Call = (...values: unknown[]) => unknown;

/** A store whose calls are observed under its name: `objects.put`. */
export function observedStore<Store extends object>(store: Store, name: string, { child }: Observe): Store {
  const known = new Map<PropertyKey, Call>();
  return new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function' || typeof property !== 'string') return value;
      const call: Call =
        known.get(property) ??
        ((...values) => {
          const result: unknown = Reflect.apply(value, target, values);
          // A call that answers at once, or step by step, asks the store in calls of its own.
          return isPromise(result) ? child(`${name}.${property}`, { 'nexus.store': name }, () => result) : result;
        });
      known.set(property, call);
      return call;
    },
  });
}

/** A database whose statements and transactions are observed, each statement by its text without its parameters. */
export function observedDatabase<Db extends Database>(db: Db, observe: Observe): Db {
  observeStatements(db, observe);
  const transaction = db.transaction.bind(db);
  db.transaction = (work, config) =>
    observe.child('postgres.transaction', { 'nexus.store': 'postgres' }, () =>
      transaction((tx) => {
        observeStatements(tx, observe);
        return work(tx);
      }, config),
    );
  return db;
}

function observeStatements(db: Database, { child }: Observe): void {
  const { session } = db._;
  const prepareQuery = session.prepareQuery.bind(session);
  session.prepareQuery = (query, ...others) => {
    const statement = prepareQuery(query, ...others);
    const execute = statement.execute.bind(statement);
    const verb = /^[\s(]*([a-z]+)/i.exec(query.sql)?.[1]?.toLowerCase() ?? 'statement';
    const attributes = { 'db.system.name': 'postgresql', 'db.query.text': query.sql.slice(0, 1_000) };
    statement.execute = (values) => child(`postgres.${verb}`, attributes, () => execute(values));
    return statement;
  };
}
