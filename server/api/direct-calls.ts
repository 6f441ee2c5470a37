import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { NexusError } from '../errors.ts';
import type { Admission } from './admission.ts';
import { receivedInput } from './bounded-json.ts';
import { type Caller, callerOfMessage } from './caller.ts';
import type { Context } from './context.ts';
import { reasonTable, toNexusError } from './error-mapping.ts';
import { retryAfter } from './limits.ts';
import { type PlainCall, plainCallOf } from './plain-call.ts';
import { errorShape } from './procedures.ts';
import { appRouter } from './router.ts';
import { transformer } from './transformer.ts';

/** Larger ones go the other way: what it costs is nothing beside them. */
const maxBodyBytes = 1024 * 1024;
const plainTarget = /^\/trpc\/([A-Za-z.]+)(?:\?input=([^&#]*))?$/;
/** What the fetch listener takes without a look at it as a URL. */
const plainHost = /^[a-z0-9._-]+(?::\d{4,5})?$/;

export type DirectFacts = {
  admission: Admission;
  contextOf: (caller: Caller) => Promise<Context>;
  /** Those that every answer has. */
  standing: Headers;
  hasForeignPages: boolean;
};

/**
 * Answers plain calls of tRPC, one procedure by GET or POST, straight from node:http: what a Request, a Response and two
 * chains of functions cost is several times what a query of one row does. Everything else, and what has to wait for its
 * turn, is left to the app: then it answers false, and has touched nothing. Both ways give the same answers.
 */
export function directCalls({ admission, contextOf, standing, hasForeignPages }: DirectFacts) {
  const calls = new Map<string, PlainCall>();
  // Flat at run time ('users.me'), nested in its type.
  const procedures: Readonly<Record<string, unknown>> = appRouter._def.procedures;
  for (const [path, procedure] of Object.entries(procedures)) {
    const call = plainCallOf(path, procedure);
    if (call) calls.set(path, call);
  }
  const always = [...standing, ['content-type', 'application/json']].flat();

  const send = (outgoing: ServerResponse, status: number, answer: unknown, more: Record<string, string> = {}) => {
    const body = JSON.stringify(answer);
    const headers = always.concat('content-length', String(Buffer.byteLength(body)));
    for (const name in more) headers.push(name, more[name] ?? '');
    outgoing.writeHead(status, headers);
    outgoing.end(body);
  };
  const refuse = (outgoing: ServerResponse, path: string, error: NexusError, ctx?: Context) => {
    const { code, status } = reasonTable[error.reason];
    const shape = errorShape(error, TRPC_ERROR_CODES_BY_KEY[code], path, ctx);
    send(outgoing, status, { error: transformer.serialize(shape) }, retryAfter(error));
  };
  const answer = async (
    call: PlainCall,
    caller: Caller,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    query: string,
  ) => {
    let ctx: Context;
    try {
      ctx = await contextOf(caller);
    } catch (error) {
      refuse(outgoing, call.path, toNexusError(error));
      return;
    }
    const text = incoming.method === 'POST' ? await bodyOf(incoming) : query;
    const result = await call.answer(ctx, () =>
      text === '' && incoming.method === 'GET' ? undefined : receivedInput(JSON.parse(text)),
    );
    if ('error' in result) refuse(outgoing, call.path, result.error, ctx);
    else send(outgoing, 200, { result: { data: transformer.serialize(result.data) } });
  };

  return (incoming: IncomingMessage, outgoing: ServerResponse): boolean => {
    const found = plainTarget.exec(incoming.url ?? '');
    const call = found?.[1] === undefined ? undefined : calls.get(found[1]);
    if (!call || !isPlain(call, incoming) || (hasForeignPages && incoming.headers.origin !== undefined)) return false;
    const query = decoded(found?.[2] ?? '');
    if (query === undefined) return false;
    const release = admission.tryAcquire();
    if (!release) return false;
    outgoing.once('close', release);
    answer(call, callerOfMessage(incoming, `/trpc/${call.path}`), incoming, outgoing, query).catch((error: unknown) => {
      // The caller has left, or the answer cannot be written down.
      if (outgoing.headersSent || incoming.destroyed) outgoing.destroy();
      else refuse(outgoing, call.path, toNexusError(error));
    });
    return true;
  };
}

function isPlain(call: PlainCall, { method, headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined || headers['trpc-accept'] !== undefined) return false;
  if (headers.accept?.includes('jsonl') || !plainHost.test(headers.host ?? '')) return false;
  const bytes = Number(headers['content-length'] ?? 0);
  const type = headers['content-type'];
  const isJson = type === 'application/json';
  if (method === 'GET') return call.type === 'query' && bytes === 0 && (isJson || type === undefined);
  return method === 'POST' && isJson && bytes <= maxBodyBytes;
}

/** As URLSearchParams reads it; undefined where it would put up with something that is no percent-encoding. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return undefined;
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return new TextDecoder().decode(Buffer.concat(parts));
}
