import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createNexusClient, type Fetch, isNexusError, type NexusClientOptions } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Nexus, startNexus } from '../support/nexus.ts';

let server: Nexus;
beforeAll(async () => {
  server = await startNexus();
});
afterAll(async () => server[Symbol.asyncDispose]());

/** A client some of whose requests meet something else than the server; `asked` are the requests of all. */
function withFaults(fault: (count: number) => Response | Error | undefined, options: Partial<NexusClientOptions> = {}) {
  const asked: string[] = [];
  const send: Fetch = async (input, init) => {
    const answer = fault(asked.push(String(input)));
    if (answer instanceof Error) throw answer;
    return answer ?? fetch(input, init);
  };
  const retry = { firstDelayMs: 1, maxDelayMs: 2 };
  return { nexus: createNexusClient({ url: server.url, token: server.token, fetch: send, retry, ...options }), asked };
}

const lost = () => new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
const neverMade = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });
const html = (status: number, headers: Record<string, string> = {}) =>
  new Response('<html>a proxy</html>', { status, headers: { 'content-type': 'text/html', ...headers } });
const refusal = (reason: string, details: Record<string, unknown> = {}) =>
  Response.json(
    { error: { json: { message: 'No.', code: -32_603, data: { code: 'X', httpStatus: 503, reason, details } } } },
    { status: 503 },
  );
const first = (count: number, answer: () => Response | Error) => (asked: number) =>
  asked <= count ? answer() : undefined;
const rejection = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const aTopology = () => ({ name: randomUUID(), architecture: 'transformer' as const });
const named = async (name: string) =>
  (await server.as(server.token).topologies.list.query({ name })).items.filter((item) => item.name === name);

test.each([
  ['a lost connection', lost],
  ['a proxy’s 502', () => html(502)],
  ['a proxy’s 503', () => html(503)],
  ['a 429 that says when to come again', () => html(429, { 'retry-after': '0' })],
  ['a store that is away', () => refusal('unavailable', { store: 'documents' })],
])('a query is repeated after %s', async (_what, fault) => {
  const { nexus, asked } = withFaults(first(3, fault));
  expect((await nexus.users.me.query()).id).toBeGreaterThan(0);
  expect(asked).toHaveLength(4);
});

test.each([
  ['a connection that was never made', neverMade],
  ['a proxy’s 503', () => html(503)],
  ['a 429', () => html(429, { 'retry-after': '0' })],
  ['a refusal that says that nothing was done', () => refusal('unavailable', { isSafeToRepeat: true })],
])('a mutation is repeated after %s, and done once', async (_what, fault) => {
  const { nexus, asked } = withFaults(first(2, fault));
  const input = aTopology();
  await nexus.topologies.create.mutate(input);
  expect(asked).toHaveLength(3);
  expect(await named(input.name)).toHaveLength(1);
});

test.each([
  ['a lost connection', lost],
  ['a proxy’s 502', () => html(502)],
  ['a store that broke off in the middle', () => refusal('unavailable', { store: 'postgres' })],
])('a mutation that may have been done is not repeated after %s', async (_what, fault) => {
  const { nexus, asked } = withFaults(first(1, fault));
  const input = aTopology();
  expect(await rejection(nexus.topologies.create.mutate(input))).toBeInstanceOf(Error);
  expect(asked).toHaveLength(1);
  expect(await named(input.name)).toHaveLength(0);
});

test('a query that fails for good fails after its attempts, with what a proxy said as an error of this kind', async () => {
  const { nexus, asked } = withFaults(() => html(502));
  const error = await rejection(nexus.users.me.query());
  expect(isNexusError(error, 'unavailable') && error.data.details).toEqual({ status: 502 });
  expect(asked).toHaveLength(4);
});

test('what the server refuses is not repeated, and the error narrows to its reason and details', async () => {
  const { nexus, asked } = withFaults(() => undefined);
  const error = await rejection(nexus.topologies.get.query({ id: 999_999_999 }));
  expect(asked).toHaveLength(1);
  expect(isNexusError(error, 'conflict')).toBe(false);
  if (!isNexusError(error, 'not_found')) throw error;
  const { kind, id }: { kind: string; id: string | number } = error.data.details;
  expect([kind, String(id), error.data.httpStatus]).toEqual(['topology', '999999999', 404]);
  const wrong = await rejection(nexus.topologies.create.mutate({ ...aTopology(), name: '' }));
  if (!isNexusError(wrong, 'invalid_input')) throw wrong;
  const { field }: { field: string } = wrong.data.details;
  expect(field).toBe('name');
});

test('a call that is not answered in time ends with timeout', async () => {
  const silent: Fetch = (_input, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new DOMException('Aborted.', 'AbortError')));
    });
  const { nexus } = withFaults(() => undefined, { fetch: silent, timeoutMs: 20 });
  const error = await rejection(nexus.users.me.query());
  expect(isNexusError(error, 'timeout') && error.data.details.timeoutMs).toBe(20);
});

test('an aborted call ends at once with its signal’s reason, and others of the same moment go on', async () => {
  const { nexus, asked } = withFaults(() => undefined);
  const controller = new AbortController();
  const reason = new Error('Not needed any more.');
  const [ended, other] = [nexus.users.me.query(undefined, { signal: controller.signal }), nexus.system.info.query()];
  controller.abort(reason);
  expect(await rejection(ended)).toMatchObject({ cause: reason, message: reason.message });
  expect((await other).version).toMatch(/^\d/);
  expect(asked.length).toBeLessThanOrEqual(1);
});

test('calls of one moment travel in one request, and too many for a URL in several', async () => {
  const few = withFaults(() => undefined);
  await Promise.all(Array.from({ length: 10 }, () => few.nexus.users.me.query()));
  expect(few.asked).toHaveLength(1);
  const many = withFaults(() => undefined);
  const names = Array.from({ length: 300 }, (_, index) => `${index}`.padStart(100, 'x'));
  await Promise.all(names.map((name) => many.nexus.topologies.list.query({ name })));
  expect(many.asked.length).toBeGreaterThan(1);
  expect(Math.max(...many.asked.map((url) => url.length))).toBeLessThan(8_000);
});

test('a call by itself goes as one plain call, not as a batch of one', async () => {
  const { nexus, asked } = withFaults(() => undefined);
  await nexus.users.me.query();
  await Promise.all([nexus.users.me.query(), nexus.topologies.create.mutate(aTopology())]);
  expect(asked).toHaveLength(3);
  expect(asked.filter((url) => url.includes('batch='))).toEqual([]);
});

test('a query whose input is too long for a URL goes in a body', async () => {
  const { nexus, asked } = withFaults(() => undefined);
  const embedding = new Float32Array(4_000).fill(0.5);
  const error = await rejection(nexus.chunks.search.query({ embedding, datasetIds: [999_999_999] }));
  expect(isNexusError(error, 'not_found') || isNexusError(error, 'invalid_input')).toBe(true);
  expect(asked[0]?.length).toBeLessThan(200);
  // Not long as it is written, but as it would stand in a URL.
  const tags = Array.from({ length: 15 }, () => ({ tag: 'ä'.repeat(100) }));
  expect((await nexus.training.list.query({ filter: { or: tags } })).items).toEqual([]);
  expect(Math.max(...asked.map((url) => url.length))).toBeLessThan(8_000);
});

test('a token may be asked for anew with each request', async () => {
  let count = 0;
  const token = async () => {
    count += 1;
    return count === 1 ? 'nexus_wrong' : server.token;
  };
  const { nexus } = withFaults(() => undefined, { token });
  expect(isNexusError(await rejection(nexus.users.me.query()), 'unauthenticated')).toBe(true);
  expect((await nexus.users.me.query()).id).toBeGreaterThan(0);
});

test('a server that is not there is told apart from one that refuses', async () => {
  const nobody = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => nobody.once('listening', resolve));
  const { port } = z.object({ port: z.number() }).parse(nobody.address());
  await new Promise((resolve) => nobody.close(resolve));
  const retry = { maxAttempts: 2, firstDelayMs: 1 };
  const nexus = createNexusClient({ url: `http://127.0.0.1:${port}`, token: 'none', retry });
  const error = await rejection(nexus.users.me.query());
  expect(error).toBeInstanceOf(Error);
  expect(isNexusError(error)).toBe(false);
});
