import type { TRPCClient } from '@trpc/client';
import { isNexusError } from './errors.ts';
import type { NexusRouter } from './generated/api.ts';
import { delayMsOf, wait } from './retry.ts';

/** How points are gathered. */
export type RunLoggerOptions = {
  /** Points that are sent at once as soon as they are there, 1 to 10,000; 5,000. */
  flushPoints?: number;
  /** How long a point waits for others at most; 1 s. */
  flushMs?: number;
  /** Points that are kept while the server is away, 1,000,000; beyond that the oldest are dropped, and counted. */
  maxBufferedPoints?: number;
  /** How often a run that has nothing to log says that it lives; 60 s. Keep it well below the run's lease. */
  heartbeatMs?: number;
};

/** How many points were delivered, dropped or not yet sent. */
export type Delivery = {
  /** The server has them. */
  delivered: number;
  /** The buffer was full. */
  dropped: number;
  /** They were no points (a step that is no whole number, a value that is no number), or the server refused them. */
  refused: number;
  /** Not sent when the logger was closed, or sent without an answer. */
  undelivered: number;
  /** Why the last ones were refused or did not go. */
  problem: string | undefined;
};

/** Sends the metrics of a training loop, which it never holds up: nothing here throws, and only `flush` and `close` wait. */
export type RunLogger = {
  /** Takes the values of a step: `log(12, { loss: 0.3, lr: 1e-4 })`. NaN and infinities are kept. */
  log(step: number, values: Readonly<Record<string, number>>, time?: Date): void;
  /** Resolves when everything that was logged before is delivered, dropped or refused. */
  flush(): Promise<void>;
  /** Sends what is left, for at most `timeoutMs` (30 s), and says what was delivered. The run itself is not finished. */
  close(options?: { timeoutMs?: number }): Promise<Delivery>;
  /** The points so far; `undelivered` are those that wait. */
  readonly delivery: Delivery;
};

type Column = { steps: number[]; values: number[]; times: number[] };
type Batch = {
  columns: { key: string; steps: Float64Array; values: Float64Array; times: Float64Array }[];
  count: number;
};

const maxPointsPerCall = 10_000;
const retry = { maxAttempts: Number.POSITIVE_INFINITY, firstDelayMs: 100, maxDelayMs: 5_000 };

/**
 * A logger of one run that was started by `training.start`. It gathers points and sends them by size and by time, one call
 * after the other; a call that fails in passing, as while the server restarts, is repeated until it goes through, which
 * adds no point twice.
 */
export function createRunLogger(
  nexus: Pick<TRPCClient<NexusRouter>, 'training'>,
  runId: number,
  options: RunLoggerOptions = {},
): RunLogger {
  const { flushMs = 1_000, maxBufferedPoints = 1_000_000, heartbeatMs = 60_000 } = options;
  const flushPoints = Math.max(1, Math.min(options.flushPoints ?? 5_000, maxPointsPerCall));
  const counts = { delivered: 0, dropped: 0, refused: 0 };
  const queue: Batch[] = [];
  const stopping = new AbortController();
  let open = new Map<string, Column>();
  let openCount = 0;
  let waiting = 0;
  let problem: string | undefined;
  let isClosed = false;
  let isSending: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastHeard = Date.now();

  const log = (step: number, values: Readonly<Record<string, number>>, time?: Date) => {
    if (isClosed) return refuse(Object.keys(values ?? {}).length, 'The logger is closed.');
    const at = time?.getTime() ?? Date.now();
    for (const key in values) {
      const value = values[key];
      const wrong = problemOf(key, step, value, at);
      if (wrong !== undefined || value === undefined) {
        refuse(1, wrong ?? 'no value');
        continue;
      }
      const column = open.get(key) ?? { steps: [], values: [], times: [] };
      open.set(key, column);
      column.steps.push(step);
      column.values.push(value);
      column.times.push(at);
      openCount += 1;
      waiting += 1;
      if (openCount >= flushPoints) closeBatch();
    }
    if (openCount > 0) timer ??= unheld(setTimeout(closeBatch, flushMs));
  };

  const refuse = (count: number, why: string) => {
    counts.refused += count;
    problem = why;
  };

  const closeBatch = () => {
    clearTimeout(timer);
    timer = undefined;
    if (openCount === 0) return;
    const columns = [...open].map(([key, { steps, values, times }]) => ({
      key,
      steps: Float64Array.from(steps),
      values: Float64Array.from(values),
      times: Float64Array.from(times),
    }));
    queue.push({ columns, count: openCount });
    open = new Map();
    openCount = 0;
    // The first one may be on its way.
    while (waiting > maxBufferedPoints && queue.length > 1) {
      const [oldest] = queue.splice(isSending ? 1 : 0, 1);
      if (!oldest) break;
      waiting -= oldest.count;
      counts.dropped += oldest.count;
      problem = `More than ${maxBufferedPoints} points waited for the server; the oldest were dropped.`;
    }
    isSending ??= sendAll();
  };

  const sendAll = async () => {
    for (let batch = queue[0]; batch && !stopping.signal.aborted; batch = queue[0]) {
      const isOver = await send(batch);
      if (!isOver) break;
      queue.shift();
      waiting -= batch.count;
    }
    // Set in the same tick as the last look at the queue, so that later points start a new send.
    isSending = undefined;
  };

  /** Resolves once the server has the batch or refuses it for good; false where the logger was stopped before. */
  const send = async ({ columns, count }: Batch): Promise<boolean> => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        await nexus.training.log.mutate({ runId, columns }, { signal: stopping.signal });
        lastHeard = Date.now();
        counts.delivered += count;
        return true;
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        if (isFinal(error)) {
          counts.refused += count;
          return true;
        }
        await wait(delayMsOf(retry, Math.min(attempt, 10), undefined), stopping.signal).catch(() => undefined);
      }
    }
    return false;
  };

  const heart = unheld(
    setInterval(() => {
      if (Date.now() - lastHeard < heartbeatMs || isSending) return;
      lastHeard = Date.now();
      nexus.training.heartbeat.mutate({ id: runId }).catch((error: unknown) => {
        problem = error instanceof Error ? error.message : String(error);
      });
    }, heartbeatMs),
  );

  const flush = async () => {
    closeBatch();
    await isSending;
  };

  return {
    log,
    flush,
    async close({ timeoutMs = 30_000 } = {}) {
      isClosed = true;
      clearInterval(heart);
      const timeout = setTimeout(() => stopping.abort(), timeoutMs);
      await flush();
      clearTimeout(timeout);
      return { ...counts, undelivered: waiting, problem };
    },
    get delivery() {
      return { ...counts, undelivered: waiting, problem };
    },
  };
}

function problemOf(key: string, step: number, value: unknown, at: number): string | undefined {
  if (!Number.isSafeInteger(step) || step < 0) return `Step ${step} is no whole number from 0 to 2^53 - 1.`;
  if (typeof value !== 'number') return `The value of ${JSON.stringify(key)} is no number.`;
  if (key.length === 0 || key.length > 250 || key.includes('\0'))
    return 'A key must have 1 to 250 characters, none of them NUL.';
  return Number.isNaN(at) ? 'The time is no date.' : undefined;
}

/** Whether the server would say the same again. */
function isFinal(error: unknown): boolean {
  const passing = ['unavailable', 'timeout', 'too_many_requests', 'internal', 'conflict', 'insufficient_storage'];
  return isNexusError(error) && !passing.includes(error.data.reason);
}

/** A timer that keeps no process alive. */
function unheld<Timer>(timer: Timer): Timer {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref();
  return timer;
}
