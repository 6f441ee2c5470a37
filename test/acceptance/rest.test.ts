import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../server/features/nouns.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';

let nexus: Nexus;
let topologyId: number;
beforeAll(async () => {
  nexus = await startNexus();
  const { id } = await nexus.as(nexus.token).topologies.create.mutate({ name: 'rest', architecture: 'transformer' });
  topologyId = id;
});
afterAll(() => nexus[Symbol.asyncDispose]());

const send = (method: string, path: string, init: { type?: string; body?: string | Uint8Array<ArrayBuffer> } = {}) =>
  fetch(`${nexus.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${nexus.token}`, ...(init.type && { 'content-type': init.type }) },
    ...(init.body !== undefined && { body: init.body }),
  });
/** Its status, its field and its words. */
async function refusal(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { status, title, detail, details } = Object(await response.json());
  expect(status).toBe(response.status);
  return { status, title, detail, field: details?.field };
}
const aBody = JSON.stringify({ name: 'sent', architecture: 'transformer' });

test('a URL longer than the server reads is refused as everything is', async () => {
  expect(await refusal(await send('GET', `/artifacts?prefix=${'a'.repeat(20_000)}`))).toMatchObject({
    status: 431,
    title: 'too_large',
    detail: 'The URL and the headers have more than 16 KB; give less in them.',
  });
});

test('what is no request of HTTP is told so, and its connection ends', async () => {
  const { hostname, port } = new URL(nexus.url);
  const socket = connect(Number(port), hostname);
  socket.write('nonsense\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, title: 'invalid_input' });
});

test('a path says which methods it takes: by OPTIONS, and in the refusal of any other', async () => {
  const allow = 'DELETE, GET, HEAD, OPTIONS, PATCH';
  const asked = await send('OPTIONS', `/topologies/${topologyId}`);
  expect([asked.status, asked.headers.get('allow'), await asked.text()]).toEqual([204, allow, '']);
  for (const method of ['PUT', 'POST']) {
    const refused = await send(method, `/topologies/${topologyId}`);
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, allow]);
  }
  expect((await send('DELETE', '/topologies')).headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
  const head = await send('HEAD', `/topologies/${topologyId}`);
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test.each([
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data; boundary=x', 415],
  ['application/json', 201],
  ['Application/JSON; charset=utf-8', 201],
  ['application/merge-patch+json', 201],
])('a body of the content type %s is answered with %d', async (type, status) => {
  const answer = await send('POST', '/topologies', { type, body: aBody });
  expect(answer.status).toBe(status);
  if (status === 415) expect(await refusal(answer)).toMatchObject({ title: 'invalid_input', field: 'body' });
});

test('a body without a content type is taken for JSON, and no body at all for an empty one', async () => {
  const bytes = new TextEncoder().encode(aBody);
  expect((await send('POST', '/topologies', { body: bytes })).status).toBe(201);
  expect(await refusal(await send('POST', '/topologies'))).toMatchObject({ status: 400, field: 'name' });
});

test.each([
  ['{"name":', 'not JSON'],
  ['[1]', 'must be a JSON object'],
  ['null', 'must be a JSON object'],
  ['"text"', 'must be a JSON object'],
])('the body %s is refused with 400', async (body, words) => {
  const refused = await refusal(await send('POST', '/topologies', { type: 'application/json', body }));
  expect(refused).toMatchObject({ status: 400, field: 'body' });
  expect(refused.detail).toContain(words);
});

test.each([
  ['limit=5&limit=6', 'limit', 'limit is given 2 times: give it once.'],
  ['name=a&name=b', 'name', 'name is given 2 times: give it once.'],
  ['limit=0x10', 'limit', 'limit is "0x10": give a number.'],
  ['limit=%205', 'limit', 'limit is " 5": give a number.'],
  ['limit=', 'limit', 'limit is "": give a number.'],
  ['limit=1e9', 'limit', 'limit is 1000000000: give at most 200.'],
  ['limit=NaN', 'limit', 'limit is "NaN": give a number.'],
  ['createdBy=1', 'created_by', 'There is no field "createdBy" by REST; give created_by.'],
  ['cursor=abc', 'cursor', 'The cursor is not one of this list; give a next_cursor as it was answered, or none.'],
])('the query ?%s is refused by its name', async (query, field, detail) => {
  expect(await refusal(await send('GET', `/topologies?${query}`))).toMatchObject({ status: 400, field, detail });
});

test('lists and booleans are written in a query as they are, an empty list by its name alone', async () => {
  const both = await send('GET', `/topologies/${topologyId}?include=context&include=analytics`);
  expect(await both.json()).toMatchObject({ context: [], analytics: { run_count: 0 } });
  const none = await send('GET', `/topologies/${topologyId}?include=`);
  expect(await none.json()).toMatchObject({ context: null, analytics: null });
  expect((await send('GET', '/outbox?is_parked=true')).status).toBe(200);
  const refused = await refusal(await send('GET', '/outbox?is_parked=1'));
  expect(refused.detail).toBe('is_parked is "1": give true or false.');
});

test.each([
  '1e3',
  '1.0',
  '01',
  '0',
  '-1',
  '%F0%9F%98%80',
  '1%2F2',
  '%zz',
  'dataset-1',
  '9007199254740993',
  '9'.repeat(40),
])('the id %s in a path is refused with 400, and never taken for another', async (id) => {
  expect(await refusal(await send('GET', `/topologies/${id}`))).toMatchObject({ status: 400, field: 'id' });
});

test('what a path says cannot be said otherwise in the body', async () => {
  const patch = (body: object) =>
    send('PATCH', `/topologies/${topologyId}`, { type: 'application/json', body: JSON.stringify(body) });
  expect((await patch({ id: topologyId, description: 'the same' })).status).toBe(200);
  expect(await refusal(await patch({ id: topologyId + 1 }))).toMatchObject({ status: 400, field: 'id' });
});

test('keys of free JSON keep their names wherever they stand, whatever they are', async () => {
  const free = {
    createdBy: 1,
    created_by: 2,
    topologyId: { topology_id: [{ a_b: 1, aB: 2, nextCursor: null }] },
    constructor: 1,
    'a key with spaces': { '': 0 },
  };
  const json = (path: string, body: object) =>
    send('POST', path, { type: 'application/json', body: JSON.stringify(body) });
  const made = Object(await (await json('/topologies', { name: 'f', architecture: 'a', config: free })).json());
  expect(made.config).toEqual(free);
  const read = await send('GET', `/topologies/${made.id}`);
  expect(Object(await read.json()).config).toEqual(free);
  const note = await json('/context', { type: 'n', data: [free], metadata: free, topology_id: `${made.id}` });
  expect(await note.json()).toMatchObject({ data: [free], metadata: free, topology_id: made.id });
  const model = await json('/models', { name: `free-${made.id}`, model_data: free, metadata: free });
  expect(await model.json()).toMatchObject({ metadata: free });
  const back = await send('GET', `/models/download?name=free-${made.id}`);
  expect(await back.json()).toMatchObject({ model_data: free, metadata: free });
  const run = await json('/training/results', { topology_id: made.id, params: free, results: free, loss_values: [1] });
  expect(await run.json()).toMatchObject({ params: free, results: free });
});

test('fields that a query names by their values have the names of REST', async () => {
  const run = await nexus.as(nexus.token).training.start.mutate({ topologyId });
  const ask = (query: object) => {
    const given = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(JSON.stringify(value))}`);
    return send('GET', `/training/runs?${given.join('&')}`);
  };
  for (const field of ['topology_id', 'topologyId']) {
    const found = await ask({ filter: { field, equals: topologyId }, sort: { field: 'created_at', direction: 'asc' } });
    expect(await found.json()).toMatchObject({ items: [{ id: run.id }] });
  }
  expect((await ask({ filter: { field: 'no_such', equals: 1 } })).status).toBe(400);
});

test('the reference has every procedure and asks no other machine for anything', async () => {
  const response = await fetch(`${nexus.url}/docs`);
  const page = await response.text();
  expect(routes.filter(({ procedure }) => !page.includes(`id="${procedure}"`))).toEqual([]);
  expect(page).not.toMatch(/<script|<link|<img|url\(|(?:src|href)="(?:[a-z]+:)?\/\//);
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
  expect(targets.length).toBeGreaterThan(100);
  expect(targets.filter((target) => !page.includes(`id="${target}"`))).toEqual([]);
});

test('of many documents one with names that are not those of REST is no reason to refuse the others', async () => {
  const documents = [
    { type: 'n', data: 1, topology_id: `topology-${topologyId}` },
    { type: 'n', data: 2, topologyId, topology_id: topologyId },
  ];
  const answer = await send('POST', '/context/batch', {
    type: 'application/json',
    body: JSON.stringify({ documents }),
  });
  expect(await answer.json()).toMatchObject({ results: [{ status: 'added' }, { status: 'refused' }] });
});

const unknownToken = { authorization: `Bearer nexus_${'0'.repeat(43)}` };
const wrongPassword: RequestInit = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ email: 'nobody@example.org', password: 'not the password' }),
};
const tooLarge = new Uint8Array(64 * 1024 * 1024 + 1);
test.each<[string, number, string, RequestInit]>([
  ['a path that there is not', 404, '/nothing', {}],
  ['a path below /api that there is not', 404, '/api/nothing', {}],
  ['a method that a path does not take', 405, '/api/topologies', { method: 'PUT' }],
  ['a body that is too large', 413, '/api/topologies', { method: 'POST', body: tooLarge }],
  ['a body that is no JSON', 415, '/api/topologies', { method: 'POST', body: 'a=b' }],
  ['a token that is none', 401, '/api/topologies', { headers: unknownToken }],
  ['no token', 401, '/api/topologies', { headers: {} }],
  ['no token, by a path with an escape', 401, '/api/%74opologies', { headers: {} }],
  ['no token, for events', 401, '/api/context/live', { headers: {} }],
  ['a workspace that is none', 400, '/api/topologies', { headers: { 'x-nexus-workspace': 'mine' } }],
  ['metrics without a token', 401, '/metrics', { headers: {} }],
  ['a sign-in path that there is not', 404, '/auth/nothing', {}],
  ['a sign-in with a wrong password', 401, '/auth/sign-in/email', wrongPassword],
])(
  '%s is refused with %d and an id of the request, the same in the body and in the header',
  async (_, status, path, init) => {
    const authorization = `Bearer ${nexus.token}`;
    const answers = [1, 2].map(() => fetch(`${nexus.url}${path}`, { headers: { authorization }, ...init }));
    const ids = await Promise.all(
      answers.map(async (answered) => {
        const answer = await answered;
        expect(answer.status).toBe(status);
        const { request_id: id } = Object(await answer.json());
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
        expect(answer.headers.get('x-request-id')).toBe(id);
        return id;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  },
);

test.each<[string, string, RequestInit]>([
  ['a token that is none', 'users.me', { headers: unknownToken }],
  ['no token', 'users.me', { headers: {} }],
  ['no token, in a batch', 'users.me,users.me?batch=1', { headers: {} }],
  ['a workspace that is none', 'users.me', { headers: { 'x-nexus-workspace': 'mine' } }],
  ['a procedure that there is not', 'users.nothing', {}],
  ['a body of another kind', 'topologies.create', { method: 'POST', body: 'a=b' }],
])('%s is refused by tRPC with an id of the request too', async (_, call, init) => {
  const authorization = `Bearer ${nexus.token}`;
  const answer = await fetch(`${nexus.url}/trpc/${call}`, { headers: { authorization }, ...init });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(await answer.text()).toMatch(/"requestId":"[0-9a-f-]{36}"/);
});
