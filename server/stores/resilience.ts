import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import type { Logger } from 'pino';
import { NexusError } from '../errors.ts';

/** A call that takes longer than this has its store asked whether it is there at all, and again and again. */
const patienceMs = 800;
/** Twice, for an answer may have waited while this process was busy: at most 2.8 s with the patience above. */
const probeMs = 1_000;
const probes = 2;
/** Failures in a row that open the circuit; it is tried again after `pauseMs`. */
const failures = 3;
const pauseMs = 1_000;

export type ResilienceOptions<Store> = {
  /** As `details.store` names it. */
  name: 'objects' | 'documents';
  /** As a message names it. */
  title: string;
  log: Logger;
  /** Calls that send nothing, or that wait for news by their nature. */
  unwatched: readonly (keyof Store)[];
  /** Calls that ask nothing of the store: what others do inside them is guarded by itself. */
  local?: readonly (keyof Store)[];
  /** Calls that may be repeated at once where their connection was lost. */
  repeatable: readonly (keyof Store)[];
};

type Call = (...values: unknown[]) => unknown;

/**
 * A store that is over the network, whose calls fail within 3 s with `unavailable` and the store's name when it is cut off,
 * half-open or slower than any use. Long work goes on for as long as the store answers a ping beside it. After three
 * failures in a row calls fail at once, and one a second tries whether it is back.
 */
export function resilient<Store extends { ping(): Promise<void> }>(
  store: Store,
  { name, title, log, unwatched, local = [], repeatable }: ResilienceOptions<Store>,
): Store {
  // A store whose place is not settled has not been asked; counting that as a failure would keep the circuit open for the
  // call that settles it.
  const isAway = (error: unknown) =>
    error instanceof NexusError &&
    error.reason === 'unavailable' &&
    error.details.store === name &&
    error.details.isUnsettled !== true;
  const circuit = circuitBreaker(handleWhen(isAway), {
    halfOpenAfter: pauseMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  circuit.onBreak(() => log.warn({ store: name }, `${title} is away; what needs it fails at once.`));
  circuit.onReset(() => log.info({ store: name }, `${title} is back.`));
  const again = retry(
    handleWhen((error) => isAway(error) && error instanceof NexusError && error.details.isSilent !== true),
    { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 200 }) },
  );
  const bounded = timeout(probeMs, TimeoutStrategy.Aggressive);

  let answeredAt = Number.NEGATIVE_INFINITY;
  let probing: Promise<void> | undefined;
  const probe = () => {
    probing ??= probeEach().finally(() => {
      probing = undefined;
    });
    return probing;
  };
  const probeEach = async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await bounded.execute(() => store.ping());
        answeredAt = performance.now();
        return;
      } catch (cause) {
        if (attempt === probes) throw away(`${title} does not answer; try again shortly.`, { isSilent: true }, cause);
      }
    }
  };
  const away = (message: string, details: Record<string, unknown>, cause: unknown) =>
    new NexusError('unavailable', message, { details: { store: name, ...details }, cause });

  /** Throws when the store stops answering; ends quietly when `signal` aborts. */
  const watch = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await wait(patienceMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted && performance.now() - answeredAt > patienceMs) await probe();
    }
  };

  const watched = async (work: () => unknown): Promise<unknown> => {
    const ended = new AbortController();
    try {
      const result = await Promise.race([work(), watch(ended.signal).then(() => new Promise<never>(() => undefined))]);
      answeredAt = performance.now();
      if (result instanceof Readable) watchStream(result);
      return result;
    } finally {
      ended.abort();
    }
  };
  const watchStream = (stream: Readable) => {
    const ended = new AbortController();
    stream.once('close', () => ended.abort());
    watch(ended.signal).catch((error: unknown) => {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  };

  const guard =
    (call: Call, isWatched: boolean, isRepeatable: boolean): Call =>
    async (...values) => {
      const once = () => circuit.execute(() => (isWatched ? watched(() => call(...values)) : call(...values)));
      try {
        return await (isRepeatable ? again.execute(once) : once());
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        throw away(`${title} is away; try again shortly.`, { isOpen: true }, circuit.lastFailure);
      }
    };

  const known = new Map<PropertyKey, unknown>();
  return new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      // A ping asks the store itself, whatever the circuit says: health shows what is, not what was.
      if (typeof value !== 'function' || property === 'ping' || local.some((one) => one === property)) return value;
      const there = known.get(property);
      if (there) return there;
      const call: Call = (...values) => Reflect.apply(value, target, values);
      const guarded = guard(
        call,
        !unwatched.some((one) => one === property),
        repeatable.some((one) => one === property),
      );
      known.set(property, guarded);
      return guarded;
    },
  });
}
