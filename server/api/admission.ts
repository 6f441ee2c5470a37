import { ServerResponse } from 'node:http';
import { bulkhead } from 'cockatiel';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { NexusError } from '../errors.ts';
import { problem } from './problem.ts';

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

export type Admission = {
  /** A place, to be given back by the call of what it answers; undefined where a request has to wait for one. */
  tryAcquire(): (() => void) | undefined;
  /** As `tryAcquire`, after others before it. Rejects where too many wait, and after 10 s. */
  acquire(): Promise<() => void>;
  limits: AdmissionLimits;
};

/** Places for a bounded number of requests, and for a bounded number that wait. */
export function openAdmission(limits: AdmissionLimits): Admission {
  const slots = bulkhead(limits.maxRequests, limits.maxWaiting);
  const hold = (take: (release: () => void) => void) =>
    slots.execute(() => new Promise<void>((release) => take(release)));
  return {
    limits,
    tryAcquire() {
      if (slots.executionSlots === 0) return undefined;
      let release: (() => void) | undefined;
      // With a place free it is taken before `execute` returns.
      void hold((given) => {
        release = given;
      });
      return release;
    },
    acquire: () =>
      new Promise<() => void>((resolve, reject) => {
        let isLate = false;
        const timer = setTimeout(() => {
          isLate = true;
          reject(new Error('waited too long'));
        }, maxWaitMs);
        hold((release) => {
          clearTimeout(timer);
          if (isLate) release();
          else resolve(release);
        }).catch((error: unknown) => {
          clearTimeout(timer);
          reject(error);
        });
      }),
  };
}

/**
 * Lets in whom there is a place for, has others wait, and answers the rest with 503 and Retry-After. A request counts until
 * its answer is sent; a subscription until its stream begins. What is not below /api and /trpc always gets in: health and
 * metrics answer under any load.
 */
export function admitted({ acquire, limits: { maxRequests, maxWaiting } }: Admission): MiddlewareHandler {
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
