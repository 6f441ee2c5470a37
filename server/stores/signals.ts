import type { Logger } from 'pino';

/** How another server is told. PostgreSQL's LISTEN and NOTIFY carry it; embedded, there is no other server. */
export type Broadcast = {
  send(topics: readonly string[]): Promise<void>;
  /** `receive` gets what any server sent, its own included; undefined where some may have been missed. */
  listen(receive: (topic: string | undefined) => void): Promise<void>;
};

/**
 * Wakes whoever waits for news of a topic (`outbox`, `run:123`), on this server at once and on the others within some
 * 10 ms. A signal says that there may be news, never which: the listener reads what it wants from its store, from the
 * place that it knows. So one signal for many changes is enough, and a signal that is lost costs a delay, nothing else.
 */
export type Signals = {
  send(topic: string): void;
  /** Calls `wake` at each signal of the topic, and where one may have been missed. Answers how to stop. */
  subscribe(topic: string, wake: () => void): () => void;
  /**
   * For a loop that reads and then waits. `next` resolves at once where a signal came since the last `next` (or since
   * `arm`), otherwise at the next one, after `timeoutMs`, or when `signal` aborts. Arm before the first read, or news that
   * come in between are slept through.
   */
  arm(topic: string): { next(timeoutMs: number, signal?: AbortSignal): Promise<void>; [Symbol.dispose](): void };
};

const gatherMs = 10;

export async function openSignals(broadcast: Broadcast, log: Logger): Promise<Signals> {
  const listeners = new Map<string, Set<() => void>>();
  const unsent = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const wake = (topic: string) => {
    for (const listener of [...(listeners.get(topic) ?? [])]) listener();
  };
  const flush = () => {
    timer = undefined;
    const topics = [...unsent];
    unsent.clear();
    broadcast.send(topics).catch((error: unknown) => {
      log.warn({ err: error }, 'Other servers could not be told of news; they find them by looking.');
    });
  };
  const subscribe = (topic: string, listener: () => void) => {
    const own = () => listener();
    const all = listeners.get(topic) ?? new Set();
    listeners.set(topic, all.add(own));
    return () => {
      all.delete(own);
      if (all.size === 0 && listeners.get(topic) === all) listeners.delete(topic);
    };
  };
  await broadcast.listen((topic) => {
    if (topic !== undefined) wake(topic);
    else for (const one of [...listeners.keys()]) wake(one);
  });

  return {
    send(topic) {
      wake(topic);
      unsent.add(topic);
      if (timer === undefined) timer = setTimeout(flush, gatherMs);
    },
    subscribe,
    arm(topic) {
      let isRung = false;
      let ring: (() => void) | undefined;
      const stop = subscribe(topic, () => {
        isRung = true;
        ring?.();
      });
      return {
        async next(timeoutMs, signal) {
          if (!isRung && !signal?.aborted) {
            await new Promise<void>((resolve) => {
              const end = () => {
                clearTimeout(timeout);
                signal?.removeEventListener('abort', end);
                resolve();
              };
              const timeout = setTimeout(end, timeoutMs);
              signal?.addEventListener('abort', end);
              ring = end;
            });
          }
          isRung = false;
          ring = undefined;
        },
        [Symbol.dispose]: stop,
      };
    },
  };
}
