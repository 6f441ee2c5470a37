/** How often and how slowly something that failed is tried again. */
export type RetryOptions = {
  /** How often it is tried in all; 1: never again. */
  maxAttempts: number;
  /** Before the second attempt; it doubles with each, with some chance, so that many clients do not come back at once. */
  firstDelayMs: number;
  /** The longest pause, in milliseconds; a server that asks for a longer one is waited for, up to two minutes. */
  maxDelayMs: number;
};

/** How long to wait before the attempt after `attempt` (from 1), in milliseconds; a server's own wish goes first. */
export function delayMsOf(
  { firstDelayMs, maxDelayMs }: RetryOptions,
  attempt: number,
  retryAfterMs: number | undefined,
): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, maxRetryAfterMs);
  const doubled = Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1));
  return doubled / 2 + (Math.random() * doubled) / 2;
}

/** A server that asks for more than this is not waited for so long. */
const maxRetryAfterMs = 120_000;

/** The wait that a Retry-After header asks for, in milliseconds: it holds seconds or a date. */
export function retryAfterMsOf(header: string | null | undefined): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
