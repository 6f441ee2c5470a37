import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { getQueryParams } from 'hono/utils/url';
import { receivedInput } from '../procedure/bounded-json.ts';
import { reasonTable } from '../procedure/reason-table.ts';
import type { Route } from '../procedure/route.ts';
import { transformer } from '../procedure/transformer.ts';
import { answer } from './answer.ts';
import type { Arrival } from './caller.ts';
import type { Context } from './context.ts';
import { toNexusError } from './error-mapping.ts';
import { retryAfter } from './limits.ts';
import { type RestAnswer, type RestCall, restCallOf } from './rest-call.ts';
import { restPaths } from './rest-paths.ts';
import { errorShape } from './trpc.ts';

const plainTarget = /^\/trpc\/([A-Za-z.]+)(?:\?input=([^&#]*))?$/;
/** No escape, no empty segment and no dots to resolve: what this is read as does not depend on who reads it. */
const restTarget = /^\/api((?:\/[A-Za-z0-9_~:-][A-Za-z0-9_.~:-]*)+)(?:\?([!-"$-~]*))?$/;
/** Hosts that the fetch listener takes without parsing them as a URL. */
const plainHost = /^[a-z0-9._-]+(?::\d{4,5})?$/;

export type DirectFacts = {
  routes: readonly Route[];
  /** Headers of every answer, for tRPC and for REST. */
  standing: Record<'trpc' | 'rest', Headers>;
  hasForeignPages: boolean;
};

/** A call as it is answered here. */
type Direct = {
  /** Headers that its answers have. */
  standing: readonly string[];
  hasBody: boolean;
  answer(ctx: Context, body: string): Promise<RestAnswer>;
  /** The answer to a failure before or beside the call itself. */
  refuse(error: unknown, requestId: string): RestAnswer;
};

/**
 * Answers plain calls, one procedure of tRPC by GET or POST, or one of REST, straight from node:http: what a Request, a
 * Response and two chains of functions cost is several times what a query of one row does. Everything else is left to the
 * app: then it answers false, and has touched nothing. Both ways give the same answers.
 */
export function directCalls({ routes, standing, hasForeignPages }: DirectFacts) {
  const trpc = trpcCalls(routes, [...standing.trpc].flat());
  const rest = restCalls(routes, [...standing.rest].flat());

  return (incoming: IncomingMessage, outgoing: ServerResponse, { ctx, body }: Arrival): boolean => {
    if (!ctx || !plainHost.test(incoming.headers.host ?? '')) return false;
    if (hasForeignPages && incoming.headers.origin !== undefined) return false;
    const direct = incoming.url?.startsWith('/trpc/') ? trpc(incoming) : rest(incoming);
    if (!direct) return false;
    direct
      .answer(ctx, direct.hasBody ? decoder.decode(body) : '')
      .then((answer) => send(outgoing, direct, answer))
      .catch((error: unknown) => {
        // The caller has left, or the answer cannot be written down.
        if (outgoing.headersSent || incoming.destroyed) outgoing.destroy();
        else send(outgoing, direct, direct.refuse(error, ctx.requestId));
      });
    return true;
  };
}

const decoder = new TextDecoder();

function send(
  outgoing: ServerResponse,
  { standing }: Direct,
  { status, contentType, body, headers }: RestAnswer,
): void {
  const bytes = Buffer.byteLength(body);
  const all = standing.concat('content-type', contentType, 'content-length', String(bytes));
  for (const name in headers) all.push(name, headers[name] ?? '');
  outgoing.writeHead(status, all);
  // ASCII is the same in both, and need not be converted.
  outgoing.end(body, bytes === body.length ? 'latin1' : 'utf8');
}

function trpcCalls(
  routes: readonly Route[],
  standing: readonly string[],
): (incoming: IncomingMessage) => Direct | undefined {
  const plain = routes.filter(({ type }) => type !== 'subscription');
  const calls = new Map(plain.map((route) => [route.procedure, route]));
  const refusal = (path: string, thrown: unknown, requestId: string): RestAnswer => {
    const error = toNexusError(thrown);
    const { code, status } = reasonTable[error.reason];
    const shape = errorShape(error, TRPC_ERROR_CODES_BY_KEY[code], path, requestId);
    return asJson(status, { error: transformer.serialize(shape) }, retryAfter(error));
  };
  return ({ url, method, headers }) => {
    const found = plainTarget.exec(url ?? '');
    const call = found?.[1] === undefined ? undefined : calls.get(found[1]);
    const type = headers['content-type'];
    const isJson = type === 'application/json';
    const isGet = method === 'GET' && call?.type === 'query' && (isJson || type === undefined);
    if (!call || !(isGet || (method === 'POST' && isJson)) || headers['trpc-accept'] !== undefined) return undefined;
    if (headers.accept?.includes('jsonl')) return undefined;
    const query = decoded(found?.[2] ?? '');
    if (query === undefined) return undefined;
    return {
      standing,
      hasBody: !isGet,
      refuse: (error, requestId) => refusal(call.procedure, error, requestId),
      async answer(ctx, body) {
        const text = isGet ? query : body;
        const result = await answer(call, ctx, () =>
          text === '' && isGet ? undefined : receivedInput(JSON.parse(text)),
        );
        if ('error' in result) return refusal(call.procedure, result.error, ctx.requestId);
        return asJson(200, { result: { data: transformer.serialize(result.data) } });
      },
    };
  };
}

function restCalls(
  routes: readonly Route[],
  standing: readonly string[],
): (incoming: IncomingMessage) => Direct | undefined {
  const find = restPaths<RestCall | undefined>(routes, restCallOf);
  return ({ url, method = '', headers }) => {
    const [, path = '', query = ''] = restTarget.exec(url ?? '') ?? [];
    const found = find(method, path);
    const call = found?.what;
    if (!call) return undefined;
    const header = (name: string) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    };
    // Hono's own function, so that the query is read as Hono reads it.
    const queries = () => {
      const all = getQueryParams(`http://localhost/?${query}`);
      return all && !Array.isArray(all) ? all : {};
    };
    return {
      standing,
      hasBody: call.hasBody,
      refuse: call.refuse,
      answer: (ctx, body) => call.answer(ctx, { header, queries, params: found.params, body }),
    };
  };
}

const asJson = (status: number, answer: unknown, headers: RestAnswer['headers'] = {}): RestAnswer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(answer),
  headers,
});

/** Decodes as URLSearchParams does; undefined where it would tolerate a wrong percent-encoding. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return undefined;
  }
}
