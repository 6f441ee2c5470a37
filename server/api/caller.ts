import { IncomingMessage } from 'node:http';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import type { Presented } from '../features/tokens/index.ts';
import { newRequestId } from './request-id.ts';

/** What of a request tells who calls, from where and how often, whichever way it is answered. */
export type Caller = {
  /** By which the log and the answer name this request. */
  requestId: string;
  method: string;
  /** Without the query. */
  path: string;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  /** Of the connection. */
  remoteAddress(): string | undefined;
  /** Whether the caller has left. Looked at, not listened to, which every call would pay for. */
  signal: { readonly aborted: boolean };
  /** Its token, where the gate has looked at it. */
  token?: Presented | undefined;
};

export const callerOf = (c: HonoContext): Caller => ({
  requestId: newRequestId(),
  method: c.req.method,
  path: c.req.path,
  header: (name) => c.req.header(name),
  remoteAddress: () => getConnInfo(c).remote.address,
  signal: new ConnectionSignal(Incoming.safeParse(c.env).data?.incoming),
});

class ConnectionSignal {
  private readonly incoming: IncomingMessage | undefined;
  constructor(incoming: IncomingMessage | undefined) {
    this.incoming = incoming;
  }
  get aborted(): boolean {
    return this.incoming?.socket.destroyed ?? false;
  }
}

const Incoming = z.object({ incoming: z.instanceof(IncomingMessage) });

export function callerOfMessage(incoming: IncomingMessage, path: string): Caller {
  return {
    requestId: newRequestId(),
    method: incoming.method ?? '',
    path,
    header(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    remoteAddress: () => incoming.socket.remoteAddress,
    signal: new ConnectionSignal(incoming),
  };
}
