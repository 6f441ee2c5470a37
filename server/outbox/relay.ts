import { and, asc, eq, isNull, lte, sql } from 'drizzle-orm';
import { outbox } from '../../drizzle/schema/index.ts';
import type { Stores } from '../stores/stores.ts';
import { applyEffect } from './effects.ts';

const batchSize = 20;
const maxAttempts = 12;
/** How long a claimed effect stays claimed: a server that died in the middle gives it back after this. */
const claimMs = 60_000;
const pollMs = 5_000;
const topic = 'outbox';

export type Relay = AsyncDisposable & {
  /** Says, here and to the other servers, that an effect was committed. */
  wake(): void;
  /** Resolves when no effect that is due is left. For tests and for the command line. */
  drain(): Promise<void>;
};

/** Applies the effects that transactions left in the outbox, at least once each, in order for each entity. */
export function startRelay(stores: Omit<Stores, 'wakeRelay'>): Relay {
  const context: Stores = { ...stores, wakeRelay: () => undefined };
  const stopping = new AbortController();
  const news = stores.signals.arm(topic);

  const round = async (): Promise<number> => {
    const claimed = await claim(context);
    await Promise.all(claimed.map((effect) => deliver(context, effect)));
    return claimed.length;
  };

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        if ((await round()) > 0) continue;
      } catch (error) {
        context.log.warn({ err: error }, 'The outbox could not be read; it is tried again.');
      }
      await news.next(pollMs, stopping.signal);
    }
  })();

  return {
    wake: () => stores.signals.send(topic),
    async drain() {
      while ((await round()) > 0);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
      news[Symbol.dispose]();
    },
  };
}

type Effect = typeof outbox.$inferSelect;

/** Takes what is due and has no older effect of its entity before it. Several servers never take the same one. */
async function claim(stores: Stores): Promise<Effect[]> {
  return stores.db.transaction(async (tx) => {
    const due = await tx
      .select()
      .from(outbox)
      .where(
        and(
          isNull(outbox.parkedAt),
          lte(outbox.availableAt, sql`now()`),
          sql`not exists (select 1 from ${outbox} as older where older.entity = ${outbox.entity} and older.id < ${outbox.id})`,
        ),
      )
      .orderBy(asc(outbox.availableAt), asc(outbox.id))
      .limit(batchSize)
      .for('update', { skipLocked: true });
    for (const effect of due) {
      await tx
        .update(outbox)
        .set({ availableAt: new Date(Date.now() + claimMs) })
        .where(eq(outbox.id, effect.id));
    }
    return due;
  });
}

async function deliver(stores: Stores, effect: Effect): Promise<void> {
  try {
    await applyEffect(stores, effect.kind, effect.payload);
    await stores.db.delete(outbox).where(eq(outbox.id, effect.id));
  } catch (error) {
    const attempts = effect.attempts + 1;
    const isParked = attempts >= maxAttempts;
    const lastError = error instanceof Error ? error.message : String(error);
    stores.log.warn({ err: error, effect: effect.id, kind: effect.kind, attempts, isParked }, 'An effect failed.');
    const delayMs = Math.min(2 ** attempts * 250, 300_000) * (0.5 + Math.random() / 2);
    await stores.db
      .update(outbox)
      .set({
        attempts,
        lastError,
        availableAt: new Date(Date.now() + delayMs),
        ...(isParked && { parkedAt: new Date() }),
      })
      .where(eq(outbox.id, effect.id));
  }
}
