import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { TimeoutStrategy, timeout } from 'cockatiel';
import type { Logger } from 'pino';
import postgres from 'postgres';
import { z } from 'zod';
import { NexusError } from '../errors.ts';

const pulseEveryMs = 300;
/** Three times, for an answer may have waited while this process was busy: at most 2.7 s until PostgreSQL counts as away. */
const pulseMs = 800;
const pulses = 3;
const reconnectSeconds = 0.1;
/** The most calls of one workspace keep about three busy, and one is left for the others; more would only take turns. */
export const quickConnections = 4;

export type PostgresConnection = AsyncDisposable & {
  /** The pool of the moment: it stays the same while the pool behind it is replaced. */
  client: postgres.Sql;
  /** A second, small pool, on which statements of a few milliseconds follow one another. */
  quick: postgres.Sql;
  /** Calls that a pool has in work or waiting. */
  inWork(): number;
  /** Listens on a channel, and again on the pool that replaces this one. */
  listen(channel: string, receive: (topic: string | undefined) => void): Promise<void>;
};

const Answered = z.object({ severity: z.string(), code: z.string() });

/**
 * Pools whose calls end when PostgreSQL is away. postgres.js would wait for ever on a connection that is half-open, and
 * holds a place of the pool for it: so a connection of its own asks PostgreSQL several times a second whether it is there.
 * When it is not, every open call fails with `unavailable`, new ones fail at once, and when it is back there are new pools.
 * `prepare` is told of each pool.
 */
export function openConnection(
  url: string,
  options: postgres.Options<Record<string, postgres.PostgresType>>,
  { log, prepare }: { log: Logger | undefined; prepare: (client: postgres.Sql) => void },
): PostgresConnection {
  const open = (max: number) =>
    postgres(url, { ...options, max, backoff: () => reconnectSeconds, onnotice: () => undefined });
  let pulse = open(1);
  let isAway = false;
  const poolOf = (max: number) => openPool({ open: () => open(max), prepare, isAway: () => isAway });
  const many = poolOf(options.max ?? 1);
  const quick = poolOf(quickConnections);
  const listening: { channel: string; receive: (topic: string | undefined) => void }[] = [];
  const stopping = new AbortController();
  const bounded = timeout(pulseMs, TimeoutStrategy.Aggressive);

  const listenOn = async ({ channel, receive }: (typeof listening)[number]) => {
    // The driver listens again after a connection was lost: what was sent in between is missed.
    await many.client.listen(channel, receive, () => receive(undefined));
  };
  const isThere = async (): Promise<boolean> => {
    for (let attempt = 0; attempt < pulses && !stopping.signal.aborted; attempt += 1) {
      try {
        await bounded.execute(() => pulse`select 1`);
        return true;
      } catch (error) {
        // A refusal is an answer, unless it is that PostgreSQL starts or stops.
        const answer = Answered.safeParse(error);
        if (answer.success && !answer.data.code.startsWith('57P')) return true;
        const old = pulse;
        pulse = open(1);
        void old.end({ timeout: 0 }).catch(() => undefined);
      }
    }
    return false;
  };
  const beat = async () => {
    const wasAway = isAway;
    isAway = !(await isThere());
    if (isAway === wasAway || stopping.signal.aborted) return;
    log?.[isAway ? 'error' : 'info']({ store: 'postgres' }, isAway ? 'PostgreSQL is away.' : 'PostgreSQL is back.');
    many.replace();
    quick.replace();
    if (!isAway) for (const one of listening) await listenOn(one);
  };
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await wait(pulseEveryMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      await beat().catch((error: unknown) => log?.warn({ err: error }, 'PostgreSQL could not be listened to.'));
    }
  })();

  return {
    client: many.client,
    quick: quick.client,
    inWork: () => many.inWork() + quick.inWork(),
    async listen(channel, receive) {
      const one = { channel, receive };
      await listenOn(one);
      listening.push(one);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all([many.end(), quick.end(), pulse.end({ timeout: 0 })]);
      await loop;
    },
  };
}

/** A pool whose client stays the same while the pool behind it is replaced. While PostgreSQL is away its calls fail at once. */
function openPool({ open, prepare, isAway }: PoolFacts) {
  const first = open();
  let current = first;
  let count = 0;
  const replace = () => {
    const old = current;
    current = open();
    prepare(current);
    void old.end({ timeout: 0 }).catch(() => undefined);
  };
  /** A connection that broke while it had something to write never connects again; its pool is replaced. */
  const notice = (error: unknown) => {
    if (z.object({ code: z.literal('CONNECT_TIMEOUT') }).safeParse(error).success && !isAway()) replace();
  };
  const counted =
    (call: Call) =>
    (...values: unknown[]): unknown => {
      if (isAway()) throw away();
      const result = call(...values);
      if (result instanceof Promise) {
        count += 1;
        // Its own `then` would send a query, which may have to wait for its turn.
        Promise.prototype.then.call(
          result,
          () => {
            count -= 1;
          },
          (error: unknown) => {
            count -= 1;
            notice(error);
          },
        );
      }
      return result;
    };

  let unsafe: { of: postgres.Sql; call: Call } | undefined;
  const client = new Proxy(first, {
    apply: (_target, _self, values) =>
      counted((...given) => Reflect.apply(z.custom<(...all: unknown[]) => unknown>().parse(current), undefined, given))(
        ...values,
      ),
    get(_target, property) {
      // Read for every query, so it is made once per pool.
      if (property === 'unsafe' && unsafe?.of === current) return unsafe.call;
      const value: unknown = Reflect.get(current, property, current);
      if (typeof value !== 'function') return value;
      const pool = current;
      const call: Call = (...values) => Reflect.apply(value, pool, values);
      if (property === 'unsafe') {
        unsafe = { of: current, call: counted(call) };
        return unsafe.call;
      }
      return property === 'begin' ? counted(endingWithConnection(call)) : call;
    },
  });
  return { client, replace, inWork: () => count, end: () => current.end({ timeout: 2 }) };
}

type PoolFacts = { open: () => postgres.Sql; prepare: (client: postgres.Sql) => void; isAway: () => boolean };

const Asked = z.object({ query: z.string() });

/**
 * Whether an exception that nobody caught says only that postgres.js lost a connection: it wrote to one that had just died, or
 * asked a new one for the types of arrays, which it awaits nowhere.
 */
export function isLossOfDriver(error: Error): boolean {
  if (error instanceof TypeError) return /postgres\/(?:src|cjs\/src)\/connection\.js/.test(error.stack ?? '');
  return Asked.safeParse(error).data?.query.includes('select b.oid, b.typarray') ?? false;
}

/**
 * A `begin` whose work is cut off where its connection is lost. postgres.js fails the transaction then, but lets the work go on,
 * and sends what it still asks for, its ROLLBACK or COMMIT too, to the same place of the pool: there it lands in somebody
 * else's transaction, or takes the answers of the next query, which waits for ever.
 */
function endingWithConnection(begin: Call): Call {
  return (...values) => {
    const work = z.custom<(sql: object) => unknown>((value) => typeof value === 'function').parse(values.at(-1));
    let isOver = false;
    const cutOff = async (sql: object): Promise<unknown> => {
      const own = new Proxy(sql, {
        get(target, property) {
          if (isOver) throw away();
          return Reflect.get(target, property);
        },
      });
      try {
        const result = await work(own);
        return isOver ? never : result;
      } catch (error) {
        // The transaction fails a few promises behind its query.
        await nextTurn();
        if (isOver) return never;
        throw error;
      }
    };
    const result = begin(...values.slice(0, -1), cutOff);
    const end = () => {
      isOver = true;
    };
    if (result instanceof Promise) result.then(end, end);
    return result;
  };
}

type Call = (...values: unknown[]) => unknown;
const never = new Promise<never>(() => undefined);

const away = () =>
  new NexusError('unavailable', 'PostgreSQL is away; try again shortly.', { details: { store: 'postgres' } });
