import type { Route } from '../../server/procedure/route.ts';
import { transformer } from '../../server/procedure/transformer.ts';
import { renamed } from '../../server/procedure/wire-names.ts';

export type Answer = { status: number; text: string };
/** `REST` by a procedure's first path, or by another one that it has: `/datasets/{dataset_id}/chunks`. */
export type Transport = 'tRPC' | 'REST' | `/${string}`;

/** Every way in which a procedure can be called. */
export const waysOf = ({ definition }: Route): Transport[] => [
  'tRPC',
  'REST',
  ...(definition.alsoPaths ?? []).flatMap((path) => (isPath(path) ? [path] : [])),
];
const isPath = (path: string): path is `/${string}` => path.startsWith('/');

const maxAddressLength = 8_000;
/** How long a subscription that has nothing to say is listened to. */
const listenMs = 3_000;

/** Calls a procedure as a client does, with any input. */
export function call(
  transport: Transport,
  url: string,
  route: Route,
  input: unknown,
  token: string | undefined,
): Promise<Answer> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return transport === 'tRPC'
    ? byTrpc(url, route, input, headers)
    : byRest(url, route, transport === 'REST' ? route.path : transport, input, headers);
}

function byTrpc(url: string, route: Route, input: unknown, headers: Record<string, string>): Promise<Answer> {
  const wire = wireOf(input);
  const address = `${url}/trpc/${route.procedure}`;
  return route.type === 'mutation'
    ? answerOf(route, address, { method: 'POST', headers, body: wire })
    : answerOf(route, `${address}?input=${encodeURIComponent(wire.toWellFormed())}`, { headers });
}

/** As the client writes it, or, for what the client would not, as somebody with other means would. */
function wireOf(input: unknown): string {
  try {
    return JSON.stringify(transformer.serialize(input));
  } catch {
    return JSON.stringify({ json: input });
  }
}

/** A value as a query or a path has it: JSON where it is no scalar. */
const asText = (value: unknown) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

function byRest(
  url: string,
  route: Route,
  path: string,
  input: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const { method } = route;
  const { names } = route.definition;
  const wire: Record<string, unknown> = { ...Object(renamed(route.input, input, 'output', names)) };
  const below = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = wire[name];
    delete wire[name];
    return encodeURIComponent(asText(value ?? 'missing').toWellFormed()) || 'missing';
  });
  if (method !== 'GET' && method !== 'DELETE') {
    return answerOf(route, `${url}/api${below}`, { method, headers, body: JSON.stringify(wire) });
  }
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wire)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, asText(one));
  }
  return answerOf(route, `${url}/api${below}?${query}`, { method, headers });
}

async function answerOf(route: Route, address: string, init: RequestInit): Promise<Answer> {
  // Beyond it the listener hangs up before anything of ours is asked.
  if (address.length > maxAddressLength) return { status: 414, text: '' };
  if (route.type !== 'subscription') {
    const response = await fetch(address, init);
    return { status: response.status, text: await response.text() };
  }
  // A connection that was kept may be closed as it is used again; a new one is not.
  const headers = { ...Object(init.headers), connection: 'close' };
  const response = await fetch(address, { ...init, headers, signal: AbortSignal.timeout(listenMs) });
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk);
      // Its first word, or why it has none.
      if (/^(id|event: (problem|end|serialized-error))/m.test(text)) break;
    }
  } catch {
    // It has nothing to say yet, and nothing against it.
  }
  const refused = text.match(/"(?:status|httpStatus)":(\d{3})/)?.[1];
  return { status: refused ? Number(refused) : response.status, text };
}
