import { NexusError } from '../errors.ts';
import { type Caller, callerNow } from './callers.ts';

/** How long a call waits for a place. */
const maxWaitMs = 10_000;
/** How often those that wait are looked at, and whether those that are in work are still wanted. */
export const lookEveryMs = 200;

/** Places for work, of which a workspace has its share. */
export type Places = Disposable & {
  /** Takes a place at once; false where the caller has to wait for one. */
  take(caller: Caller | undefined): boolean;
  /** Calls `begin` with a place taken, after those of the same workspace that wait already, or `refuse`. */
  wait(caller: Caller, begin: () => void, refuse: (error: NexusError) => void): void;
  giveBack(caller: Caller | undefined): void;
  /** Does work in a place. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
};

type Waiting = { since: number; caller: Caller; begin: () => void; refuse: (error: NexusError) => void };

/**
 * A workspace has one place always, and more while it has fewer than twice what is free: alone it gets two thirds, two of them
 * two fifths each, and what is left is there for the next one at once. Work in nobody's name counts, and never waits.
 */
export function openPlaces(count: number): Places {
  const held = new Map<number, number>();
  const waiting = new Map<number, Waiting[]>();
  let total = 0;

  const take = (workspaceId: number): boolean => {
    const own = held.get(workspaceId) ?? 0;
    if (own > 0 && own >= 2 * (count - total)) return false;
    held.set(workspaceId, own + 1);
    total += 1;
    return true;
  };
  /** One of each workspace after the other, for as long as there is room. */
  const admit = () => {
    for (let isMoved = true; isMoved; ) {
      isMoved = false;
      for (const [workspaceId, queue] of waiting) {
        if (!take(workspaceId)) continue;
        isMoved = true;
        const next = queue.shift();
        if (queue.length === 0) waiting.delete(workspaceId);
        next?.begin();
      }
    }
  };
  const look = () => {
    const longest = performance.now() - maxWaitMs;
    for (const [workspaceId, queue] of waiting) {
      const still = queue.filter(({ since, caller }) => since > longest && !caller.signal?.aborted);
      if (still.length === queue.length) continue;
      if (still.length === 0) waiting.delete(workspaceId);
      else waiting.set(workspaceId, still);
      for (const one of queue) if (!still.includes(one)) one.refuse(one.caller.signal?.aborted ? hasLeft() : isFull());
    }
  };
  const timer = setInterval(look, lookEveryMs).unref();

  const places: Places = {
    take(caller) {
      if (caller) return !waiting.has(caller.workspaceId) && take(caller.workspaceId);
      total += 1;
      return true;
    },
    wait(caller, begin, refuse) {
      const queue = waiting.get(caller.workspaceId) ?? [];
      queue.push({ since: performance.now(), caller, begin, refuse });
      waiting.set(caller.workspaceId, queue);
    },
    giveBack(caller) {
      total -= 1;
      if (caller) {
        const own = (held.get(caller.workspaceId) ?? 0) - 1;
        if (own > 0) held.set(caller.workspaceId, own);
        else held.delete(caller.workspaceId);
      }
      if (waiting.size > 0) admit();
    },
    async run(work) {
      const caller = callerNow();
      if (caller?.signal?.aborted) throw hasLeft();
      if (caller && !places.take(caller)) {
        await new Promise<void>((begin, refuse) => places.wait(caller, begin, refuse));
      } else if (!caller) places.take(caller);
      try {
        return await work();
      } finally {
        places.giveBack(caller);
      }
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
  return places;
}

const retryAfterSeconds = 1;
const isFull = () =>
  new NexusError('unavailable', 'The workspace has its share of the server in work; try again shortly.', {
    details: { retryAfterSeconds, isSafeToRepeat: true },
  });
/** Never reaches a caller, since the caller has left. */
export const hasLeft = () => new NexusError('unavailable', 'The caller has left; what ran for them is given up.');
