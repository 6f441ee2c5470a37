import { IncomingMessage } from 'node:http';
import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import type { Presented } from '../features/tokens/index.ts';
import type { Release } from './admission.ts';
import type { Context } from './context.ts';
import { newRequestId } from './request-id.ts';
import type { Target } from './target.ts';

/** The parts of a request that authentication and rate limiting need. */
export type Caller = {
  /** Identifies this request in the log and in the answer. */
  requestId: string;
  method: string;
  /** Without the query. */
  path: string;
  /** How many calls the request carries. */
  calls: number;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  /** The connection's address. */
  remoteAddress(): string | undefined;
  /** Whether the caller has left. Looked at, not listened to, which every call would pay for. */
  signal: { readonly aborted: boolean };
  /** Its token, where it has one. */
  token?: Presented | undefined;
};

/** A request that the edge let in. */
export type Arrival = {
  caller: Caller;
  /** Undefined beside calls: health, pages and sign-in. */
  ctx: Context | undefined;
  /** Empty where none is read. */
  body: Buffer;
  /** Gives the place of the request back before its answer ends, as a stream does. */
  release: Release;
};

class ConnectionSignal {
  private readonly incoming: IncomingMessage;
  constructor(incoming: IncomingMessage) {
    this.incoming = incoming;
  }
  get aborted(): boolean {
    return this.incoming.socket.destroyed;
  }
}

export function callerOf(incoming: IncomingMessage, { path, calls }: Pick<Target, 'path' | 'calls'>): Caller {
  return {
    requestId: newRequestId(),
    method: incoming.method ?? '',
    path,
    calls,
    header(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    remoteAddress: () => incoming.socket.remoteAddress,
    signal: new ConnectionSignal(incoming),
  };
}

const arrivals = new WeakMap<IncomingMessage, Arrival>();

/** Hands a request on to the fetch listener, which takes its body from `rawBody` instead of the connection. */
export function passOn(incoming: IncomingMessage, arrival: Arrival): void {
  arrivals.set(incoming, arrival);
  Object.assign(incoming, { rawBody: arrival.body });
}

const Env = z.object({ incoming: z.instanceof(IncomingMessage) });

export function arrivalOf(c: HonoContext): Arrival {
  const arrival = arrivals.get(Env.parse(c.env).incoming);
  if (!arrival) throw new Error('The request did not come through the edge.');
  return arrival;
}
