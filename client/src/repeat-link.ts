import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { NexusErrorShape, NexusReason } from './errors.ts';
import type { NexusRouter } from './generated/api.ts';
import { delayMsOf, type RetryOptions, retryAfterMsOf, wait } from './retry.ts';

/** The connection was never made, so that nothing can have happened. */
const neverReached = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH']);

/**
 * Ends a call that takes too long, and repeats what is safe to repeat, with a growing pause or the one that the server asks
 * for. Queries, and calls whose context says `isRepeatable`, are repeated after a lost connection, `unavailable` and
 * `too_many_requests`; other mutations only where nothing can have happened: `too_many_requests`, a refusal that says so
 * itself, a 503 of something in between, a connection that was never made.
 */
export function repeatLink(options: { retry: RetryOptions; timeoutMs: number }): TRPCLink<NexusRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        if (op.type === 'subscription') return next(op).subscribe(observer);
        const stop = new AbortController();
        const timeoutMs = op.context.isLong === true ? undefined : options.timeoutMs;
        let subscription: { unsubscribe(): void } | undefined;
        const fail = (error: unknown) => {
          subscription?.unsubscribe();
          observer.error(TRPCClientError.from(error instanceof Error ? error : new Error(String(error))));
        };
        const caller = op.signal ?? undefined;
        const aborted = () => {
          stop.abort(caller?.reason);
          fail(caller?.reason);
        };
        if (caller?.aborted) return aborted();
        caller?.addEventListener('abort', aborted, { once: true });

        const attempt = (count: number): void => {
          const timer =
            timeoutMs === undefined ? undefined : setTimeout(() => failed(timeoutError(op.path, timeoutMs)), timeoutMs);
          let isOver = false;
          const failed = (error: TRPCClientError<NexusRouter>) => {
            if (isOver || stop.signal.aborted) return;
            isOver = true;
            clearTimeout(timer);
            subscription?.unsubscribe();
            const isRepeatable = op.type === 'query' || op.context.isRepeatable === true;
            const mayPass = isRepeatable ? isPassing(error) : isUndone(error);
            if (!mayPass || count >= options.retry.maxAttempts) {
              caller?.removeEventListener('abort', aborted);
              observer.error(error);
              return;
            }
            wait(delayMsOf(options.retry, count, askedMsOf(error)), stop.signal).then(
              () => attempt(count + 1),
              () => undefined,
            );
          };
          subscription = next(op).subscribe({
            next: (envelope) => {
              if (!isOver) observer.next(envelope);
            },
            error: failed,
            complete: () => {
              if (isOver) return;
              isOver = true;
              clearTimeout(timer);
              caller?.removeEventListener('abort', aborted);
              observer.complete();
            },
          });
        };
        attempt(1);
        return () => {
          caller?.removeEventListener('abort', aborted);
          stop.abort();
          subscription?.unsubscribe();
        };
      });
}

function isPassing(error: TRPCClientError<NexusRouter>): boolean {
  const reason = error.data?.reason;
  if (reason === undefined) return isLostConnection(error);
  return reason === 'unavailable' || reason === 'too_many_requests';
}

function isUndone(error: TRPCClientError<NexusRouter>): boolean {
  const data = error.data;
  if (!data) return neverReached.has(codeOf(error));
  return data.reason === 'too_many_requests' || data.details.isSafeToRepeat === true;
}

/** No answer, or one that is broken off; not an input that could not be written down. */
const isLostConnection = (error: TRPCClientError<NexusRouter>) =>
  error.cause !== undefined && error.cause.name !== 'AbortError';

/** The code of the system's error inside fetch's own. */
function codeOf(error: Error): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return '';
}

function askedMsOf(error: TRPCClientError<NexusRouter>): number | undefined {
  const seconds = error.data?.details.retryAfterSeconds;
  if (typeof seconds === 'number') return seconds * 1000;
  const response: unknown = error.meta?.response;
  return response instanceof Response ? retryAfterMsOf(response.headers.get('retry-after')) : undefined;
}

const rpcTimeout = -32_008;

function timeoutError(path: string, timeoutMs: number): TRPCClientError<NexusRouter> {
  return TRPCClientError.from<NexusRouter>({
    error: shapeOf(
      'timeout',
      `${path} was not answered within ${timeoutMs} ms; it may still be done. Look, or ask again.`,
      {
        httpStatus: 504,
        details: { timeoutMs },
        code: rpcTimeout,
      },
    ),
  });
}

/** An error of the client's own in the shape of the server's, so that callers read one kind only. */
export function shapeOf(
  reason: NexusReason,
  message: string,
  { httpStatus, details, code }: { httpStatus: number; details: Readonly<Record<string, unknown>>; code: number },
): NexusErrorShape {
  return {
    message,
    code,
    data: { code: reason.toUpperCase(), httpStatus, path: undefined, reason, details, requestId: undefined },
  };
}
