import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainCallOf } from '../../server/api/plain-call.ts';
import { appRouter } from '../../server/api/router.ts';
import { routesOf } from '../../server/api/routes.ts';
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
});
afterAll(async () => {
  for (const one of [server, withPages, limited]) await one[Symbol.asyncDispose]();
});

type Call = {
  /** Below /trpc/, with its query. */
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
      const asked = request(`${at.url}/trpc/${call}`, { method, headers: sent, agent: false }, (response) => {
        const { date, 'retry-after': wait, ...others } = response.headers;
        text(response).then((answer) => {
          const alike = answer
            .replace(/"requestId":"[0-9a-f-]{36}"/, '"requestId":"…"')
            .replace(/try again in \d+ s|"retryAfterSeconds":\d+/g, '…');
          resolve({
            status: response.statusCode,
            headers: { ...others, date: typeof date, ...(wait && { 'retry-after': '…', 'content-length': '…' }) },
            body: alike,
          });
        }, reject);
      });
      asked.once('error', reject);
      asked.end(body);
    },
  );
}

/** A parameter that tRPC does not look at sends the same call the other way. */
const otherWay = (call: string) => `${call}${call.includes('?') ? '&' : '?'}chain=1`;
const input = (value: unknown) => `?input=${encodeURIComponent(JSON.stringify({ json: value }))}`;
const json = (value: unknown) => JSON.stringify({ json: value });
const post = (call: string, body: string | Buffer): Call => ({ call, method: 'POST', body });

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
];

test.each(calls)('the direct way and the chain answer alike: %s', async (_what, status, callOf) => {
  const call = callOf();
  const direct = await answerTo(call);
  const chained = await answerTo({ ...call, call: otherWay(call.call) });
  // What an update answers has the time of it.
  const timeless = ({ body, ...others }: typeof direct) => ({
    ...others,
    body: body.replace(/"updatedAt":"[^"]+"/, '"updatedAt":"…"'),
  });
  expect(timeless(direct)).toEqual(timeless(chained));
  expect(direct.status).toBe(status);
});

test('every query and mutation has its direct way', () => {
  const procedures: Readonly<Record<string, unknown>> = appRouter._def.procedures;
  const without = routesOf().filter(
    ({ procedure, type }) => type !== 'subscription' && !plainCallOf(procedure, procedures[procedure]),
  );
  expect(without).toEqual([]);
});

test('a body that never ends holds no place for ever', async () => {
  const held = await startNexus({ NEXUS_MAX_REQUESTS: '1', NEXUS_MAX_WAITING: '0' });
  await using _ = held;
  const asked = request(`${held.url}/trpc/topologies.create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${held.token}`, 'content-type': 'application/json', 'content-length': 100 },
  });
  asked.on('error', () => undefined);
  asked.write('{"json":');
  await expect.poll(async () => (await held.rest('GET', '/trpc/users.me')).status).toBe(503);
  asked.destroy();
  await expect.poll(async () => (await held.rest('GET', '/trpc/users.me')).status).toBe(200);
});
