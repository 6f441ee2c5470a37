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
