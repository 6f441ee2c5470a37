import { ServerResponse } from 'node:http';
import { bulkhead } from 'cockatiel';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { NexusError } from '../errors.ts';
import { problem } from './rest.ts';

export type AdmissionLimits = {
  /** Requests in work at a time. */
  maxRequests: number;
  /** Requests that wait for their turn. */
  maxWaiting: number;
};

/** A request that waited so long is refused: whoever sent it is about to give it up. */
const maxWaitMs = 10_000;
const retryAfterSeconds = '1';
const Outgoing = z.object({ outgoing: z.instanceof(ServerResponse) });

/**
 * Lets a bounded number of requests in, has a bounded number wait, and answers the others with 503 and Retry-After. A request
 * counts until its answer is sent; a subscription until its stream begins. What is not below /api and /trpc always gets in:
 * health and metrics answer under any load.
 */
export function admission({ maxRequests, maxWaiting }: AdmissionLimits): MiddlewareHandler {
  const slots = bulkhead(maxRequests, maxWaiting);
  const acquire = () =>
    new Promise<() => void>((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(new Error('waited too long'));
      }, maxWaitMs);
      slots
        .execute(() => {
          clearTimeout(timer);
          if (isLate) return undefined;
          return new Promise<void>((release) => resolve(release));
        })
        .catch((error: unknown) => {
          clearTimeout(timer);
          reject(error);
        });
    });
  return async (c, next) => {
    if (!/^\/(?:api|trpc)\//.test(c.req.path)) return next();
    let release: () => void;
    try {
      release = await acquire();
    } catch {
      const message = `The server has ${maxRequests} requests in work and ${maxWaiting} waiting; try again shortly.`;
      return problem(new NexusError('unavailable', message), undefined, 503, { 'retry-after': retryAfterSeconds });
    }
    const { data } = Outgoing.safeParse(c.env);
    let isHeld = false;
    try {
      await next();
      const isStream = c.res.headers.get('content-type')?.startsWith('text/event-stream') === true;
      isHeld = data !== undefined && !isStream && !data.outgoing.closed;
      if (isHeld) data?.outgoing.once('close', release);
    } finally {
      if (!isHeld) release();
    }
  };
}
