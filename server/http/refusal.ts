import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { NexusError } from '../errors.ts';
import { reasonTable } from '../procedure/reason-table.ts';
import { transformer } from '../procedure/transformer.ts';
import { retryAfter } from './limits.ts';
import { problemBody } from './problem.ts';
import { errorShape } from './trpc.ts';

export type Refuse = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: NexusError,
  requestId: string,
  status?: number,
) => void;

/**
 * Answers a request that is refused before its call, in the words of its transport; one error for all calls of a batch.
 * `standing`: the headers that every answer has.
 */
export function refusalOf(standing: Headers, origins: readonly string[]): Refuse {
  const always = [...standing].flat();
  return (incoming, outgoing, error, requestId, status = reasonTable[error.reason].status) => {
    const isTrpc = incoming.url?.startsWith('/trpc/') === true;
    const body = JSON.stringify(
      isTrpc ? trpcBody(error, incoming.url ?? '', requestId) : problemBody(error, requestId, status),
    );
    const headers = [...always, 'content-type', isTrpc ? 'application/json' : 'application/problem+json'];
    if (!isTrpc) headers.push('x-request-id', requestId);
    headers.push('content-length', String(Buffer.byteLength(body)), ...Object.entries(retryAfter(error)).flat());
    const { origin } = incoming.headers;
    if (origin !== undefined && origins.includes(origin)) {
      headers.push('access-control-allow-origin', origin, 'access-control-allow-credentials', 'true', 'vary', 'Origin');
      headers.push('access-control-expose-headers', 'x-request-id,retry-after');
    }
    outgoing.writeHead(status, headers);
    outgoing.end(incoming.method === 'HEAD' ? undefined : body);
  };
}

function trpcBody(error: NexusError, url: string, requestId: string) {
  const [path = ''] = url.slice('/trpc/'.length).split('?', 1);
  const { code } = reasonTable[error.reason];
  return { error: transformer.serialize(errorShape(error, TRPC_ERROR_CODES_BY_KEY[code], path, requestId)) };
}
