import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';

const page = 'https://console.example.org';
let server: Nexus;
let withPages: Nexus;
let limited: Nexus;
let id: number;
beforeAll(async () => {
  [server, withPages, limited] = await Promise.all([
    startNexus(),
    startNexus({ NEXUS_ORIGINS: page }),
    startNexus({ NEXUS_CALLS_PER_MINUTE: '1' }),
  ]);
  const { topologies } = server.as(server.token);
  id = (await topologies.create.mutate({ name: randomUUID(), architecture: 'transformer', config: { layers: 6 } })).id;
  await limited.rest('GET', '/api/users/me');
  // Three servers, each with its stores.
}, 180_000);
afterAll(async () => {
  for (const one of [server, withPages, limited]) await one[Symbol.asyncDispose]();
});

type Call = {
  /** The path below /trpc/ with its query, or a whole REST path. */
  call: string;
  method?: string;
  /** Undefined leaves one out. */
  headers?: Record<string, string | undefined>;
  body?: string | Buffer;
  at?: Nexus;
};

/** The whole answer, but for what no two answers have in common. */
function answerTo({ call, method = 'GET', headers = {}, body, at = server }: Call) {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const given = {
        authorization: `Bearer ${at.token}`,
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...headers,
      };
      const sent = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const asked = request(
        at.url + (call.startsWith('/') ? call : `/trpc/${call}`),
        { method, headers: sent, agent: false },
        (response) => {
          const { date, 'retry-after': wait, 'x-request-id': id, ...others } = response.headers;
          text(response).then((answer) => {
            const alike = answer
              .replace(/"(requestId|request_id)":"[0-9a-f-]{36}"/, '"$1":"…"')
              .replace(/try again in \d+ s|"retryAfterSeconds":\d+/g, '…');
            resolve({
              status: response.statusCode,
              headers: {
                ...others,
                date: typeof date,
                id: typeof id,
                ...(wait && { 'retry-after': '…', 'content-length': '…' }),
              },
              body: alike,
            });
          }, reject);
        },
      );
      asked.once('error', reject);
      asked.end(body);
    },
  );
}

/** A parameter that tRPC does not look at, or an escape in a path of REST, sends the same call the other way. */
const otherWay = (call: string) =>
  call.startsWith('/api/')
    ? call.replace(/^\/api\/([a-z])/, (_start, letter: string) => `/api/%${letter.charCodeAt(0).toString(16)}`)
    : `${call}${call.includes('?') ? '&' : '?'}chain=1`;
const input = (value: unknown) => `?input=${encodeURIComponent(JSON.stringify({ json: value }))}`;
const json = (value: unknown) => JSON.stringify({ json: value });
const post = (call: string, body: string | Buffer): Call => ({ call, method: 'POST', body });

const rest = (method: string, call: string, body?: unknown): Call => ({
  call,
  method,
  ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
});

const calls: readonly (readonly [string, number, () => Call])[] = [
  ['a query', 200, () => ({ call: `topologies.get${input({ id, include: [] })}` })],
  ['a query of several stores', 200, () => ({ call: `topologies.get${input({ id })}` })],
  ['a list', 200, () => ({ call: `topologies.list${input({ limit: 2 })}` })],
  ['a list of nothing', 200, () => ({ call: `topologies.list${input({ name: randomUUID() })}` })],
  ['a query without an input', 200, () => ({ call: 'users.me' })],
  ['a query whose input is empty', 200, () => ({ call: 'users.me?input=' })],
  ['a space written as a plus', 200, () => ({ call: 'topologies.list?input={"json":{"name":"a+b"}}' })],
  ['a query by POST', 200, () => post('topologies.get', json({ id, include: [] }))],
  ['a mutation', 200, () => post('topologies.update', json({ id, description: 'the same' }))],
  ['text that is not ASCII', 200, () => post('topologies.list', json({ name: 'Größe ✓ 例' }))],
  ['a body with a byte order mark', 200, () => post('topologies.list', `\uFEFF${json({})}`)],
  ['no token', 401, () => ({ call: `topologies.get${input({ id })}`, headers: { authorization: undefined } })],
  ['a wrong token', 401, () => ({ call: 'users.me', headers: { authorization: `Bearer nexus_${'0'.repeat(43)}` } })],
  [
    'no token and a body that is no JSON',
    401,
    () => ({ ...post('topologies.create', '{'), headers: { authorization: undefined } }),
  ],
  ['a workspace that is none', 400, () => ({ call: 'users.me', headers: { 'x-nexus-workspace': 'mine' } })],
  ['a workspace of others', 404, () => ({ call: 'users.me', headers: { 'x-nexus-workspace': '999999' } })],
  ['an id that nothing has', 404, () => ({ call: `topologies.get${input({ id: 999_999_999 })}` })],
  ['a wrong field', 400, () => ({ call: `topologies.get${input({ id: 'none' })}` })],
  [
    'several wrong fields',
    400,
    () => post('topologies.create', json({ name: '', architecture: 7, config: { layers: 99 } })),
  ],
  ['no input where one is needed', 400, () => ({ call: 'topologies.get' })],
  ['an input that is no JSON', 400, () => ({ call: 'topologies.get?input={' })],
  ['an input that is no superjson', 400, () => ({ call: 'topologies.get?input=7' })],
  ['a body that is no JSON', 400, () => post('topologies.create', '{')],
  ['a body that is null', 400, () => post('topologies.create', 'null')],
  ['an empty body', 400, () => post('topologies.create', '')],
  ['an input nested too deep', 400, () => post('topologies.create', `{"json":${'['.repeat(200)}${']'.repeat(200)}}`)],
  ['a field __proto__', 400, () => post('topologies.create', '{"json":{"__proto__":{}}}')],
  ['a GET of a mutation', 400, () => ({ call: `topologies.create${input({})}` })],
  ['a DELETE', 400, () => ({ call: 'topologies.get', method: 'DELETE' })],
  ['a PUT', 400, () => ({ call: 'topologies.create', method: 'PUT', body: json({}) })],
  ['a HEAD', 204, () => ({ call: 'users.me', method: 'HEAD' })],
  [
    'a body of another kind',
    400,
    () => ({ ...post('topologies.create', 'a=b'), headers: { 'content-type': 'text/plain' } }),
  ],
  [
    'a body without its kind',
    400,
    () => ({ ...post('topologies.create', '{}'), headers: { 'content-type': undefined } }),
  ],
  ['a procedure that there is not', 404, () => ({ call: 'topologies.nothing' })],
  ['a bad percent-encoding', 400, () => ({ call: 'topologies.get?input=%E0%A4%A' })],
  ['a body beyond a megabyte', 413, () => post('topologies.create', Buffer.alloc(65 * 1024 * 1024, 32))],
  ['too many calls', 429, () => ({ call: 'users.me', at: limited })],
  ['a page of the server itself', 200, () => ({ call: 'users.me', headers: { origin: server.url } })],
  ['a page of a site that is known', 200, () => ({ call: 'users.me', at: withPages, headers: { origin: page } })],
  [
    'a page of another site',
    200,
    () => ({ call: 'users.me', at: withPages, headers: { origin: 'https://other.example.org' } }),
  ],
  ['no page where sites are known', 200, () => ({ call: 'users.me', at: withPages })],
  [
    'what a browser asks before',
    204,
    () => ({
      call: 'users.me',
      method: 'OPTIONS',
      at: withPages,
      headers: { origin: page, 'access-control-request-method': 'POST' },
    }),
  ],
  ['a GET of REST', 200, () => rest('GET', `/api/topologies/${id}`)],
  ['an empty list in a query of REST', 200, () => rest('GET', `/api/topologies/${id}?include=`)],
  ['a list of REST', 200, () => rest('GET', '/api/topologies?limit=2&name=a+b%C3%A4')],
  ['a query of REST with odd parts', 400, () => rest('GET', '/api/topologies?limit=2&limit=3&&=x&y')],
  ['a query of REST with a bad percent-encoding', 200, () => rest('GET', '/api/topologies?name=%E0%A4%A')],
  ['a path of REST beside one with a parameter', 200, () => rest('GET', '/api/users/me')],
  ['one of several paths of REST', 200, () => rest('GET', `/api/experiments/by_topology/${id}`)],
  ['a PATCH of REST', 200, () => rest('PATCH', `/api/topologies/${id}`, { description: 'the same' })],
  ['an id of REST that stands in path and body', 400, () => rest('PATCH', `/api/topologies/${id}`, { id: id + 1 })],
  ['a POST of REST that is refused', 400, () => rest('POST', '/api/topologies', { name: '', createdBy: 1 })],
  ['a body of REST that is no JSON', 400, () => rest('POST', '/api/topologies', '{')],
  ['a body of REST that is a list', 400, () => rest('POST', '/api/topologies', '[]')],
  ['an empty body of REST', 400, () => rest('POST', '/api/topologies', '')],
  [
    'a body of REST of another kind',
    415,
    () => ({ ...rest('POST', '/api/topologies', 'a=b'), headers: { 'content-type': 'text/plain' } }),
  ],
  ['a DELETE of REST', 200, () => rest('DELETE', `/api/topologies/${id}?dry_run=true`)],
  ['an id of REST that nothing has', 404, () => rest('GET', '/api/topologies/999999999')],
  ['an id of REST that is none', 400, () => rest('GET', '/api/topologies/none')],
  ['a path of REST that there is not', 404, () => rest('GET', '/api/nothing')],
  ['a path of REST with a slash too many', 404, () => rest('GET', `/api/topologies/${id}/`)],
  ['a method that a path of REST has not', 405, () => rest('PUT', '/api/topologies', {})],
  ['a HEAD of REST', 200, () => rest('HEAD', '/api/users/me')],
  ['REST without a token', 401, () => ({ ...rest('GET', '/api/users/me'), headers: { authorization: undefined } })],
  ['REST of a workspace of others', 404, () => ({ call: '/api/users/me', headers: { 'x-nexus-workspace': '999999' } })],
  ['REST of too many calls', 429, () => ({ call: '/api/users/me', at: limited })],
  [
    'REST of a page of a site that is known',
    200,
    () => ({ call: '/api/users/me', at: withPages, headers: { origin: page } }),
  ],
  ['REST of no page where sites are known', 200, () => ({ call: '/api/users/me', at: withPages })],
];

test.each(calls)('the direct way and the chain answer alike: %s', async (_what, status, callOf) => {
  const call = callOf();
  const direct = await answerTo(call);
  const chained = await answerTo({ ...call, call: otherWay(call.call) });
  // The answer of an update holds the time.
  const timeless = ({ body, ...others }: typeof direct) => ({
    ...others,
    body: body.replace(/"(updatedAt|updated_at)":"[^"]+"/, '"$1":"…"'),
  });
  expect(timeless(direct)).toEqual(timeless(chained));
  expect(direct.status).toBe(status);
});

test('a body that never ends holds no place', async () => {
  await using held = await startNexus({ NEXUS_MAX_REQUESTS: '1', NEXUS_MAX_WAITING: '0' });
  const asked = request(`${held.url}/trpc/topologies.create`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${held.token}`,
      'content-type': 'application/json',
      'content-length': 100,
      expect: '100-continue',
    },
  });
  asked.on('error', () => undefined);
  // The server asks for the body once it has let the request in.
  await once(asked, 'continue');
  asked.write('{"json":');
  expect((await held.rest('GET', '/trpc/users.me')).status).toBe(200);
  asked.destroy();
});
