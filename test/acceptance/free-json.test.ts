import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';

let server: Nexus;
beforeAll(async () => {
  server = await startNexus();
});
afterAll(async () => server[Symbol.asyncDispose]());

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const post = (path: string, text: string) =>
  fetch(`${server.url}/api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: text,
  });

test.each([
  ['topologies', 'config', '"name":"t","architecture":"a"'],
  ['models', 'model_data', `"name":"${randomUUID()}"`],
  ['models', 'metadata', `"name":"${randomUUID()}","model_data":1`],
  ['artifacts', 'data', `"name":"${randomUUID()}"`],
  ['logs', 'data', `"name":"${randomUUID()}"`],
])(
  'POST /api/%s refuses a %s that is nested beyond what can be stored, and takes one that is not',
  async (path, field, rest) => {
    for (const depth of [200, 50_000]) {
      const response = await post(path, `{${rest},"${field}":${nested(depth)}}`);
      expect(response.status, `${depth} levels`).toBe(400);
      expect(await response.text()).toContain('nested deeper');
    }
    expect((await post(path, `{${rest},"${field}":${nested(90)}}`)).status).toBe(201);
  },
);

test.each([
  ['NUL in a value', '{"a":"\\u0000"}'],
  ['NUL in a key', '{"\\u0000":1}'],
  ['half a surrogate pair', '{"a":"\\ud800"}'],
  ['a list', '[1]'],
])('a config with %s is refused with the field', async (_what, config) => {
  const response = await post('topologies', `{"name":"t","architecture":"a","config":${config}}`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('config');
});

const odd = '{"a\\u0000":"\\u0000","author":"x\\u0000y","tags":["\\u0000"],"b":[{"\\u0001":null}]}';

test.each([
  ['context', `"type":"t","data":${odd},"metadata":${odd}`, 'metadata'],
  ['sessions', `"session_type":"t","metadata":${odd}`, 'metadata'],
  ['experiments', `"name":"e","topology_id":TOPOLOGY,"parameters":${odd}`, 'parameters'],
])('what CouchDB keeps, NUL too, is answered as it came: POST and GET /api/%s', async (path, fields, field) => {
  const made = await post('topologies', `{"name":"${randomUUID()}","architecture":"a"}`);
  const added = await post(path, `{${fields.replace('TOPOLOGY', Object(await made.json()).id)}}`);
  const given = Object(await added.json());
  expect([added.status, given[field]]).toEqual([201, JSON.parse(odd)]);
  const listed = await server.rest('GET', `/api/${path}`);
  expect(listed.status).toBe(200);
  expect(Object(await listed.json()).items).toContainEqual(expect.objectContaining({ [field]: JSON.parse(odd) }));
});

test.each([
  ['training/runs', 'params', ''],
  ['training/results', 'params', '"results":{}'],
  ['training/results', 'results', '"params":{}'],
])('what PostgreSQL cannot keep is refused with the field: POST /api/%s with %s', async (path, field, rest) => {
  const made = await post('topologies', `{"name":"${randomUUID()}","architecture":"a"}`);
  const fields = [`"topology_id":${Object(await made.json()).id}`, `"${field}":${odd}`, ...(rest ? [rest] : [])];
  const refused = Object(await (await post(path, `{${fields.join()}}`)).json());
  expect(refused).toMatchObject({ status: 400, detail: `${field} is an object: must not have a key with NUL.` });
});
