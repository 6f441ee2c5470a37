import { inArray } from 'drizzle-orm';
import { outbox } from '../../drizzle/schema/index.ts';
import type { Stores } from '../stores/stores.ts';
import { doneTopic } from './relay.ts';

const lookAgainMs = 250;

/** Waits until none of these committed effects is left, `timeoutMs` at most. Answers whether all of them are done. */
export async function awaitEffects(
  stores: Pick<Stores, 'db' | 'signals' | 'wakeRelay'>,
  ids: readonly number[],
  timeoutMs: number,
): Promise<boolean> {
  if (ids.length === 0) return true;
  const until = Date.now() + timeoutMs;
  using news = stores.signals.arm(doneTopic);
  stores.wakeRelay();
  for (;;) {
    if ((await stores.db.$count(outbox, inArray(outbox.id, [...ids]))) === 0) return true;
    const leftMs = until - Date.now();
    if (leftMs <= 0) return false;
    await news.next(Math.min(lookAgainMs, leftMs));
  }
}
