import { z } from 'zod';
import { type Caller, callerNow } from './callers.ts';
import { hasLeft, type Places } from './places.ts';

/** Running queries, each with its caller. */
export type Running = Map<object, Caller>;

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
 *
 * With places it is sent once there is one for its caller. While it runs it is in `running`, where its caller may leave.
 */
export function light<Query extends object>(query: Query, running?: Running, places?: Places): Query {
  const parts = Parts.safeParse(query);
  if (!parts.success) return query;
  const { resolve, reject, handle } = parts.data;
  const own = Promise.withResolvers<unknown>();
  const caller = callerNow();
  let isAsked = false;
  let isIn = false;
  const letGo = () => {
    if (isIn) {
      isIn = false;
      running?.delete(query);
      places?.giveBack(caller);
    }
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
  const send = () => {
    isIn = true;
    if (caller?.signal) running?.set(query, caller);
    handle.call(query);
  };
  const then: typeof own.promise.then = (...waiting) => {
    if (!isAsked) {
      isAsked = true;
      if (caller?.signal?.aborted) onFailed(hasLeft());
      else if (!places || places.take(caller)) send();
      else if (caller) places.wait(caller, send, onFailed);
    }
    return own.promise.then(...waiting);
  };
  // The waiting caller sees a failure; this keeps the query's own promise from being an unhandled rejection.
  Promise.prototype.then.call(query, nothing, nothing);
  Reflect.set(query, 'then', then);
  return Object.assign(query, { resolve: onDone, reject: onFailed });
}
