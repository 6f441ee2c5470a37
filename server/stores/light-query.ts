import { z } from 'zod';

type Settle = (value: unknown) => void;
const Settle = z.custom<Settle>((value) => typeof value === 'function');
const Handle = z.custom<() => unknown>((value) => typeof value === 'function');
const Parts = z.object({ resolve: Settle, reject: Settle, handle: Handle });

const nothing = () => undefined;
const spent = (): never => {
  throw new TypeError('A query is waited for before it is settled.');
};
const settled = {
  resolve: nothing,
  reject: nothing,
  args: [],
  parameters: [],
  strings: [],
  signature: '',
};

/**
 * A query of postgres.js that keeps nothing once it is settled. V8 puts a function that is written straight into a property,
 * as `resolve` of postgres.js's class `Query` is, among the old objects, which only a full collection frees: through it every
 * query's parameters and rows were kept until then, and copied by each small collection before. So the rows go past the
 * query's own promise to whoever waits for it, which has to be before it is settled, as Drizzle does.
 */
export function light<Query extends object>(query: Query): Query {
  const parts = Parts.safeParse(query);
  if (!parts.success) return query;
  const { resolve, reject, handle } = parts.data;
  const own = Promise.withResolvers<unknown>();
  const letGo = () => {
    Object.assign(query, settled);
    Reflect.set(query, 'then', spent);
  };
  const onDone = (rows: unknown) => {
    own.resolve(rows);
    letGo();
    resolve(undefined);
  };
  const onFailed = (error: unknown) => {
    own.reject(error);
    letGo();
    reject(error);
  };
  const then: typeof own.promise.then = (...waiting) => {
    handle.call(query);
    return own.promise.then(...waiting);
  };
  // Whoever waits sees a failure; the query's own promise need not be looked at.
  Promise.prototype.then.call(query, nothing, nothing);
  Reflect.set(query, 'then', then);
  return Object.assign(query, { resolve: onDone, reject: onFailed });
}
