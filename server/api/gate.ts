import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { NexusError } from '../errors.ts';
import type { Metrics } from '../watch/metrics.ts';
import { ruleOf } from './access.ts';
import { type Caller, callerOfMessage } from './caller.ts';
import { addressOf, type Credentials } from './credentials.ts';
import { reasonTable, toNexusError } from './error-mapping.ts';
import { type CallLimits, retryAfter } from './limits.ts';
import { problemBody } from './problem.ts';
import { errorShape, noCredential } from './procedures.ts';
import type { Route } from './routes.ts';
import { transformer } from './transformer.ts';

export type GateFacts = {
  credentials: Credentials;
  limits: CallLimits;
  metrics: Metrics;
  routes: readonly Route[];
  /** Headers that every answer has. */
  standing: Headers;
};

/** Calls `pass` for whoever may go on, now or later; answers everybody else. */
export type Gate = (incoming: IncomingMessage, outgoing: ServerResponse, pass: (caller: Caller) => void) => void;

/**
 * Refuses a wrong token before anything of its call is read or parsed: its hash is looked up in memory, or together with
 * those that came beside it, and the answer is nearly a constant. Whoever calls without a valid credential more often than an
 * address may is refused here as well. A flood of either costs what node:http costs, holds no place of those who wait, and
 * writes no line of log each.
 */
export function gateOf({ credentials, limits, metrics, routes, standing }: GateFacts): Gate {
  const { authenticator, everybody, origins, proxies } = credentials;
  if (everybody) return (incoming, _outgoing, pass) => pass(callerOfMessage(incoming, pathOf(incoming)));
  const isOpen = openTo(routes);
  // A refused subscription is told so in its stream, where its client can read it.
  const subscriptions = new Set(routes.flatMap(({ type, procedure }) => (type === 'subscription' ? [procedure] : [])));
  const wrongToken = noCredential();
  const always = [...standing].flat();

  const refuse = (incoming: IncomingMessage, outgoing: ServerResponse, caller: Caller, error: NexusError) => {
    const { path, requestId } = caller;
    metrics.observeRefusal(error.reason);
    const isTrpc = path.startsWith('/trpc/');
    const procedures = path.slice('/trpc/'.length);
    const body = JSON.stringify(isTrpc ? trpcBody(error, procedures, requestId) : problemBody(error, requestId));
    const headers = [...always, 'content-type', isTrpc ? 'application/json' : 'application/problem+json'];
    if (!isTrpc) headers.push('x-request-id', requestId);
    headers.push('content-length', String(Buffer.byteLength(body)), ...Object.entries(retryAfter(error)).flat());
    const { origin } = incoming.headers;
    if (origin !== undefined && origins.includes(origin)) {
      headers.push('access-control-allow-origin', origin, 'access-control-allow-credentials', 'true', 'vary', 'Origin');
      headers.push('access-control-expose-headers', 'x-request-id,retry-after');
    }
    outgoing.writeHead(reasonTable[error.reason].status, headers);
    outgoing.end(body);
  };

  return (incoming, outgoing, pass) => {
    const path = pathOf(incoming);
    const caller = callerOfMessage(incoming, path);
    if (incoming.method === 'OPTIONS' || !(path.startsWith('/api/') || path.startsWith('/trpc/'))) return pass(caller);
    const { authorization } = incoming.headers;
    if (authorization === undefined && incoming.headers.cookie !== undefined) return pass(caller);
    const secret = /^bearer ([^ ]+)$/i.exec(authorization ?? '')?.[1];
    if (secret !== undefined) caller.token = authenticator.present(secret);
    const isGood = caller.token?.isGood() ?? false;
    if (isGood === true) return pass(caller);
    const address = addressOf(caller, proxies);
    const go = () => {
      const blocked = limits.strangerBlocked(address);
      if (blocked) refuse(incoming, outgoing, caller, blocked);
      else pass(caller);
    };
    if (authorization === undefined) return go();
    const settle = async () => {
      if (await isGood) return pass(caller);
      if (isOpen(path) || subscriptions.has(path.slice('/trpc/'.length))) return go();
      await limits.countStranger(address);
      refuse(incoming, outgoing, caller, wrongToken);
    };
    settle().catch((error: unknown) => refuse(incoming, outgoing, caller, toNexusError(error)));
  };
}

const pathOf = ({ url = '' }: IncomingMessage) => {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
};

/** Whether a path, or any call of a batch, is answered without a credential. */
function openTo(routes: readonly Route[]): (path: string) => boolean {
  const open = routes.filter(({ procedure }) => ruleOf(procedure) === 'anyone');
  const procedures = new Set(open.map(({ procedure }) => procedure));
  const paths = new Set(open.flatMap(({ meta }) => [meta.rest.path, ...(meta.rest.alsoPaths ?? [])]));
  for (const path of ['/openapi.json', ...paths]) paths.add(`/api${path}`);
  return (path) =>
    path.startsWith('/trpc/')
      ? path
          .slice('/trpc/'.length)
          .split(',')
          .some((procedure) => procedures.has(procedure))
      : paths.has(path);
}

/** One for all calls of a batch, as tRPC answers where no call of it began. */
function trpcBody(error: NexusError, path: string, requestId: string) {
  const { code } = reasonTable[error.reason];
  return { error: transformer.serialize(errorShape(error, TRPC_ERROR_CODES_BY_KEY[code], path, requestId)) };
}
