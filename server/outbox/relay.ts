import { setTimeout as wait } from 'node:timers/promises';
import { and, asc, eq, isNull, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import { outbox } from '../../drizzle/schema/index.ts';
import { NexusError } from '../errors.ts';
import { rows } from '../stores/postgres.ts';
import type { Stores } from '../stores/stores.ts';
import { applyEffect, PartlyDone } from './effects.ts';

/** Effects in work at a time on one server. */
const maxInWork = 16;
/** Refusals of a store until a person must look; a store that is away is none. */
const maxRefusals = 12;
/** A day, at the longest pause. */
const maxAbsences = 5_760;
const maxRefusedPauseMs = 300_000;
const maxAbsentPauseMs = 15_000;
/** How long a claimed effect stays claimed without being renewed: a server that died gives it back after this. */
const claimMs = 60_000;
const pollMs = 5_000;
const leastPauseMs = 20;
const stopMs = 2_000;
const topic = 'outbox';
/** Sent when effects are done, for those who wait for them. */
export const doneTopic = 'outbox-done';

export type RelayOptions = { claimMs?: number };

export type Relay = AsyncDisposable & {
  /** Says, here and to the other servers, that an effect was committed. */
  wake(): void;
  /** Resolves when no effect that is due is left. For tests and for the command line. */
  drain(): Promise<void>;
};

type Effect = typeof outbox.$inferSelect;

/**
 * Applies the effects that transactions left in the outbox, at least once each, in order for each entity and side by side
 * across entities. Several servers share the work: a claim is a row's `available_at` in the future, renewed while the
 * effect is in work. Disposing it waits 2 s for what is in work.
 */
export function startRelay(stores: Omit<Stores, 'wakeRelay'>, options: RelayOptions = {}): Relay {
  const context: Stores = { ...stores, wakeRelay: () => undefined };
  const claimedMs = options.claimMs ?? claimMs;
  const stopping = new AbortController();
  const news = stores.signals.arm(topic);
  const inWork = new Set<Promise<void>>();

  const take = async (): Promise<number> => {
    const claimed = await claim(context, maxInWork - inWork.size, claimedMs);
    for (const effect of claimed) {
      const work = deliver(context, effect, claimedMs).finally(() => {
        inWork.delete(work);
        stores.signals.send(doneTopic);
        // Its entity's next effect may be taken now, and there is room for one more.
        stores.signals.send(topic);
      });
      inWork.add(work);
    }
    return claimed.length;
  };

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      let pauseMs = pollMs;
      try {
        if (inWork.size < maxInWork) {
          if ((await take()) > 0) continue;
          pauseMs = Math.min(pollMs, await nextDueMs(context));
        }
      } catch (error) {
        context.log.warn({ err: error }, 'The outbox could not be read; it is tried again.');
      }
      await news.next(Math.max(leastPauseMs, pauseMs), stopping.signal);
    }
  })();

  return {
    wake: () => stores.signals.send(topic),
    async drain() {
      while ((await take()) > 0 || inWork.size > 0) await Promise.all(inWork);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
      // An effect that takes longer is given back when its claim ends, and is applied again.
      await Promise.race([Promise.all(inWork), wait(stopMs, undefined, { ref: false })]);
      news[Symbol.dispose]();
    },
  };
}

/** An effect is first of its entity: older ones, parked ones included, hold back those behind them. */
const isFirst = sql`not exists (select 1 from ${outbox} as older where older.entity = ${outbox.entity} and older.id < ${outbox.id})`;

/** Takes what is due. Whoever comes second to a row finds it claimed when its lock is given up, and passes it over. */
function claim(stores: Stores, limit: number, forMs: number): Promise<Effect[]> {
  if (limit <= 0) return Promise.resolve([]);
  const due = stores.db
    .select({ id: outbox.id })
    .from(outbox)
    // `available_at` is rounded to the millisecond, up or down.
    .where(and(isNull(outbox.parkedAt), lte(outbox.availableAt, sql`now() + interval '1 millisecond'`), isFirst))
    .orderBy(asc(outbox.availableAt), asc(outbox.id))
    .limit(limit)
    .for('update', { skipLocked: true });
  // array(…) is worked out once; an IN could be worked out, and lock other rows, for each row.
  return stores.db
    .update(outbox)
    .set({ availableAt: afterMs(forMs) })
    .where(sql`${outbox.id} = any(array(${due}))`)
    .returning();
}

/** Uses the database's clock, which is the same for every server. */
const afterMs = (ms: number) => sql`clock_timestamp() + make_interval(secs => ${ms / 1000}::float8)`;

async function nextDueMs(stores: Stores): Promise<number> {
  const [row] = await rows(
    stores.db,
    sql`select extract(epoch from min(${outbox.availableAt}) - clock_timestamp())::float8 * 1000 as ms
      from ${outbox} where ${outbox.parkedAt} is null and ${isFirst}`,
    z.object({ ms: z.number().nullable() }),
  );
  return Math.ceil(row?.ms ?? pollMs);
}

async function deliver(stores: Stores, effect: Effect, forMs: number): Promise<void> {
  const claimed = holdClaim(stores, effect, forMs);
  try {
    const apply = () => applyEffect(stores, effect.kind, effect.payload);
    const facts = { 'nexus.effect': effect.id, 'nexus.entity': effect.entity, 'nexus.attempt': effect.attempts + 1 };
    await (stores.observe ? stores.observe.root(`outbox.${effect.kind}`, facts, apply) : apply());
    await claimed.end();
    await stores.db.delete(outbox).where(eq(outbox.id, effect.id));
  } catch (error) {
    await claimed.end();
    await postpone(stores, effect, claimed.until(), error).catch((problem: unknown) => {
      stores.log.warn({ err: problem, effect: effect.id }, 'An effect stays claimed until its time is over.');
    });
  }
}

/** Renews a claim while its effect is in work, so that no other server takes it. */
function holdClaim(stores: Stores, effect: Effect, forMs: number) {
  let until = effect.availableAt;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async () => {
    const [row] = await stores.db
      .update(outbox)
      .set({ availableAt: afterMs(forMs) })
      .where(and(eq(outbox.id, effect.id), eq(outbox.availableAt, until)))
      .returning({ until: outbox.availableAt });
    if (row) until = row.until;
  };
  const timer = setInterval(() => {
    renewal = renewal.then(renew).catch((error: unknown) => {
      stores.log.warn({ err: error, effect: effect.id }, 'The claim of an effect could not be renewed.');
    });
  }, forMs / 3);
  return {
    until: () => until,
    async end() {
      clearInterval(timer);
      await renewal;
    },
  };
}

/** Puts an effect off that failed, unless another server has it by now; parks it where it failed too often. */
async function postpone(stores: Stores, effect: Effect, claimedUntil: Date, error: unknown): Promise<void> {
  const attempts = effect.attempts + 1;
  const isAway = error instanceof NexusError && ['unavailable', 'insufficient_storage'].includes(error.reason);
  const isParked = attempts >= (isAway ? maxAbsences : maxRefusals);
  const lastError = error instanceof Error ? error.message : String(error);
  const facts = { effect: effect.id, kind: effect.kind, entity: effect.entity, attempts, isParked };
  stores.log.warn({ err: error, ...facts }, 'An effect failed.');
  const pauseMs = Math.min(250 * 2 ** Math.min(attempts, 20), isAway ? maxAbsentPauseMs : maxRefusedPauseMs);
  await stores.db
    .update(outbox)
    .set({
      attempts,
      lastError,
      ...(error instanceof PartlyDone && { payload: error.rest }),
      availableAt: afterMs(pauseMs * (0.5 + Math.random() / 2)),
      ...(isParked && { parkedAt: sql`now()` }),
    })
    .where(and(eq(outbox.id, effect.id), eq(outbox.availableAt, claimedUntil)));
}
