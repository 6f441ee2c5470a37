import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createNexusClient } from '@topology-nexus/client';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exportBundle } from '../../server/bundle/export.ts';
import { restoreBundle } from '../../server/bundle/restore.ts';
import { readConfig } from '../../server/config.ts';
import { routes } from '../../server/features/nouns.ts';
import type { Route } from '../../server/procedure/route.ts';
import { transformer } from '../../server/procedure/transformer.ts';
import { call } from '../support/calls.ts';
import { minimalInput } from '../support/contract-inputs.ts';
import { followIngest, uploadFile } from '../support/ingest-texts.ts';
import { overrides } from '../support/matrix-overrides.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin } from '../support/people.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { aWorld, type World } from '../support/world.ts';

// Embedded stores, whatever the environment names: the whole of them is exported.
const embedded = { DATABASE_URL: '', S3_ENDPOINT: '', S3_ACCESS_KEY: '', S3_SECRET_KEY: '', COUCHDB_URL: '' };

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: Nexus;
let world: World;
/** Values that the server took, by their mark. */
const taken = new Map<string, unknown>();

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startNexus({ ...embedded, NEXUS_DATA_DIR: join(directory.path, 'from') });
  world = await aWorld(server.url, await anAdmin(server.url, server.token), overrides);
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const oddKeys = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', 'then', 'toJSON', 'length', 'json', 'meta', 'values', 'a.b', 'a\\b', '', ' ', '\u2028', '$ref'],
  ...[
    '_id',
    '_rev',
    '_attachments',
    '_deleted',
    'id',
    'createdAt',
    'created_at',
    'timestamp',
    'and',
    '0',
    '\0',
    '\ud800',
  ],
];
const nested = (depth: number) =>
  Array.from({ length: depth }).reduce((inner: unknown) => ({ constructor: [inner] }), 1);
const oddValues: unknown[] = [
  ...oddKeys.map((key) => Object.fromEntries([[key, { [key === '__proto__' ? 'x' : key]: 'x' }]])),
  Object.fromEntries(
    oddKeys.filter((key) => key !== '__proto__' && key.isWellFormed() && key !== '\0').map((key) => [key, -0]),
  ),
  [-0, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, -(2 ** 63), 1e21, 0.1 + 0.2],
  { constructor: { prototype: [-0, { constructor: 1e-7 }] } },
  ['\0', '\ud800', '\udc00\ud800', '\u2028', '\ufeff', '😀'],
  '\ud800',
  'x'.repeat(30_000),
  nested(20),
  nested(45),
  nested(60),
  Array.from({ length: 2_000 }, () => []),
];
const arbitraryJson = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, -0, 5e-324, 1e308, 2 ** 53 + 2, '', '\ud800', 'constructor'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...oddKeys), fc.string({ maxLength: 5 })), tie('any'), { maxKeys: 4 }),
  ),
})).any;
const randomValues = 12;

type Path = readonly (string | number)[];

/** Where the input of a procedure takes JSON of the caller's own. */
function freePlacesIn(schema: unknown, path: Path = []): Path[] {
  if (!(schema instanceof z.ZodType) || path.length > 6) return [];
  const { typescript, checkedLater } = z.globalRegistry.get(schema) ?? {};
  if (/FreeJson|JsonValue/.test(String(typescript))) return [path];
  if (checkedLater) return freePlacesIn(checkedLater, path);
  if (schema instanceof z.ZodObject) {
    if (schema.def.catchall instanceof z.ZodUnknown) return [path];
    return Object.entries(schema.shape).flatMap(([key, field]) => freePlacesIn(field, [...path, key]));
  }
  if (schema instanceof z.ZodArray) return freePlacesIn(schema.element, [...path, 0]);
  if (schema instanceof z.ZodPipe) return freePlacesIn(schema.in, path);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return freePlacesIn(schema.unwrap(), path);
  return [];
}

const places = routes.flatMap((route) => freePlacesIn(route.declaredInput).map((path) => ({ route, path })));

function put(input: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === 'number') return [put(Object(input)[0], rest, value)];
  return { ...Object(input), [key]: put(Object(input)[key], rest, value) };
}

const least: Readonly<Record<string, unknown>> = {
  ...overrides,
  'topologies.create.modules': [{ name: 'm' }],
  'topologies.create.context': [{ type: 'note', data: 1 }],
};
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** As the client decodes it. */
const decoded = (text: string): unknown => transformer.deserialize(JSON.parse(text).result.data);

/** Every object with a mark that is somewhere within. */
function marksIn(value: unknown, found: [mark: string, marked: object][] = []): [mark: string, marked: object][] {
  const left = [value];
  for (let next = left.pop(); left.length > 0 || next !== undefined; next = left.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (Object.hasOwn(next, 'mark')) found.push([String(Reflect.get(next, 'mark')), next]);
    for (const part of Object.values(next)) if (typeof part === 'object' && part !== null) left.push(part);
  }
  return found;
}

test('there are places for free JSON, of which each is tried', () => {
  const tried = places.map(({ route, path }) => `${route.procedure}: ${path.join('.')}`);
  expect(tried).toEqual(expect.arrayContaining(['context.add: data', 'context.addMany: documents.0.data']));
  expect(tried).toEqual(expect.arrayContaining(['topologies.create: config', 'experiments.logMetrics: metrics']));
  expect(tried.length).toBeGreaterThan(25);
});

test.each(places.map((place) => [`${place.route.procedure}: ${place.path.join('.')}`, place] as const))(
  'any JSON is taken and can be read, or is refused with its field: %s',
  async (_, { route, path }) => {
    const marked = new Map<string, unknown>();
    for (const odd of [...oddValues, ...fc.sample(arbitraryJson, randomValues)]) {
      const mark = randomUUID();
      const known = { idOf: world.idOf, text: `${world.marker} ${mark}`, overrides: least };
      const input = put(minimalInput(route, known), path, { mark, odd });
      const transport = marked.size % 2 === 0 ? 'tRPC' : 'REST';
      const { status, text } = await call(transport, server.url, route, input, world.tokens.owner);
      const isRefusedAlone = text.includes('"refused"');
      if (status === 200 || status === 201) {
        const answer = transport === 'tRPC' ? decoded(text) : JSON.parse(text);
        if (isRefusedAlone) continue;
        marked.set(mark, asJson({ mark, odd }));
        await readByIds(route, answer);
        continue;
      }
      expect([status, text.slice(0, 500)]).toEqual([
        status >= 404 ? status : 400,
        expect.not.stringContaining('"internal"'),
      ]);
      if (status !== 400) continue;
      expect(text).toMatch(/"field":"(?!input)/);
      expect(text).toMatch(/ must | give /);
    }
    for (const [mark, value] of marked) taken.set(mark, value);
  },
  60_000,
);

/** Reads the thing back by every procedure of its noun that takes an id alone. */
async function readByIds(made: Route, answer: unknown): Promise<void> {
  const id: unknown = Object(answer).id;
  if (id === undefined) return;
  const noun = made.procedure.split('.')[0];
  for (const route of routes) {
    if (route.type !== 'query' || route.procedure.split('.')[0] !== noun) continue;
    if (!route.declaredInput.safeParse({ id }).success) continue;
    const byTrpc = await call('tRPC', server.url, route, { id }, world.tokens.owner);
    const byRest = await call('REST', server.url, route, { id }, world.tokens.owner);
    // An id may be another kind's.
    if (byTrpc.status === 404) continue;
    expect([route.procedure, byTrpc.status, byRest.status]).toEqual([route.procedure, 200, 200]);
    check(marksIn(decoded(byTrpc.text)));
    check(marksIn(JSON.parse(byRest.text)));
  }
}

const seen = new Set<string>();
function check(marks: [mark: string, marked: object][]): void {
  for (const [mark, value] of marks) {
    seen.add(mark);
    const sent = taken.get(mark);
    // Values put in by other procedures of the world are not checked.
    if (sent !== undefined) expect(asJsonWithout(value, sent), mark).toEqual(true);
  }
}
/** A point of an experiment has the server's time beside what was sent. */
function asJsonWithout(value: object, sent: unknown): boolean {
  const { timestamp: _, ...others } = Object(asJson(value));
  return isDeepStrictEqual(others, sent);
}

const maxPages = 60;

/** Everything that can be read without naming anything but what the world has. */
async function readAll(url: string, token: string, transport: 'tRPC' | 'REST'): Promise<void> {
  for (const route of routes) {
    if (route.type !== 'query') continue;
    const known = { idOf: world.idOf, text: world.marker, overrides: least };
    let input: Record<string, unknown> = minimalInput(route, known);
    if ('limit' in route.input.shape && route.declaredInput.safeParse({ ...input, limit: 100 }).success)
      input.limit = 100;
    for (let page = 0; page < maxPages; page += 1) {
      const { status, text } = await call(transport, url, route, input, token);
      if ([401, 403, 404, 412].includes(status) || (status === 400 && route.procedure === 'objects.tensors')) break;
      expect([route.procedure, status, status < 300 ? '' : text]).toEqual([route.procedure, 200, '']);
      const answer = Object(transport === 'tRPC' ? decoded(text) : JSON.parse(text));
      check(marksIn(answer));
      const cursor: unknown = answer.nextCursor ?? answer.next_cursor;
      if (typeof cursor !== 'string') break;
      input = { ...input, cursor };
    }
  }
}

test('whatever was taken is in the lists, as it was sent, by tRPC and by REST', async () => {
  expect(taken.size).toBeGreaterThan(places.length * 20);
  for (const transport of ['tRPC', 'REST'] as const) {
    seen.clear();
    await readAll(server.url, world.tokens.owner, transport);
    const unread = [...taken.keys()].filter((mark) => !seen.has(mark));
    // Contents of objects are read by their URLs, those of an experiment or session by its id.
    expect(unread.length).toBeLessThan(taken.size / 2);
    expect(seen.size).toBeGreaterThan(200);
  }
}, 120_000);

test('whatever was taken comes through the live feeds, to the client and as server-sent events', async () => {
  const client = createNexusClient({ url: server.url, token: world.tokens.owner });
  const first = await client.context.add.mutate({ type: 'note', data: 'the last one' });
  const live: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const subscription = client.context.live.subscribe(
    { lastEventId: '0' },
    {
      onData: ({ data }) => {
        live.push(...marksIn(data).map(([mark]) => mark));
        check(marksIn(data));
        if (data.document?.id === first.id) resolve();
      },
      onError: reject,
    },
  );
  await promise;
  subscription.unsubscribe();
  expect(live.length).toBeGreaterThan(50);

  const response = await fetch(`${server.url}/api/context/live?last_event_id=0`, {
    headers: { authorization: `Bearer ${world.tokens.owner}`, 'last-event-id': '0', connection: 'close' },
    signal: AbortSignal.timeout(20_000),
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(first.id) && text.endsWith('\n\n')) break;
  }
  expect(text).not.toContain('event: problem');
  const lines = text.split('\n').filter((line) => line.startsWith('data: ') && line.endsWith('}'));
  const events = lines.map((line): unknown => JSON.parse(line.slice('data: '.length)));
  check(marksIn(events));
  expect(new Set(marksIn(events).map(([mark]) => mark))).toEqual(new Set(live));
}, 60_000);

test('a name may be one that every object has', async () => {
  const client = createNexusClient({ url: server.url, token: world.tokens.owner });
  const topologyId = z.number().parse(world.idOf('topology'));
  for (const key of [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'then', 'length']) {
    const run = await client.training.start.mutate({
      topologyId,
      params: {},
      tags: [key],
      ...(key !== '__proto__' && { goals: Object.fromEntries([[key, 'max' as const]]) }),
    });
    const points = [1, 2].map((step) => ({ key, step, value: step === 1 ? -0 : Number.NaN }));
    await client.training.log.mutate({ runId: run.id, points });
    const read = await client.training.get.query({ id: run.id });
    expect(read.goals, key).toEqual(key === '__proto__' ? {} : Object.fromEntries([[key, 'max']]));
    const curve = await client.training.history.query({ runId: run.id, key });
    expect(curve.points.map(({ value }) => value)).toEqual([-0, Number.NaN]);
    const compared = await client.training.compare.query({ runIds: [run.id], key });
    expect(compared).toBeTruthy();
    const found = await client.training.list.query({ filter: { and: [{ tag: key }, { metric: key, gte: 0 }] } });
    expect(found.items.map(({ id }) => id)).toContain(run.id);
    const name = `${key}-${randomUUID()}`;
    const model = await client.models.upload.mutate({ name, modelData: { [`${key}x`]: 1 } });
    await client.models.setAlias.mutate({
      id: model.modelId,
      version: model.version,
      alias: /^[a-z]+$/.test(key) ? key : 'x',
    });
    expect((await client.models.get.query({ id: model.modelId })).versions).toHaveLength(1);
  }
}, 60_000);

test('lines of a file may hold what other inputs may, and are refused one by one where not', async () => {
  const client = createNexusClient({ url: server.url, token: world.tokens.owner });
  const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
  const embedding = Array.from({ length: 384 }, (_, at) => Math.sin(at + 1));
  const values = [...oddValues, ...fc.sample(arbitraryJson, randomValues)];
  const line = (odd: unknown, at: number) =>
    JSON.stringify({ content: `${world.marker} line ${at}`, embedding, metadata: { mark: `line-${at}`, odd } });
  for (const [at, odd] of values.entries()) taken.set(`line-${at}`, asJson({ mark: `line-${at}`, odd }));
  const lines = [...values.map(line), '{"__proto__":{"content":"x"}}', '{"content":1e400}', '9'.repeat(10_000)];
  const objectId = await uploadFile(client, dataset.name, Buffer.from(lines.join('\n')));
  const { id } = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  expect((await followIngest(client, id)).at(-1)).toMatchObject({ status: 'done' });
  seen.clear();
  for (let cursor: string | undefined; ; ) {
    const page = await client.chunks.list.query({ datasetId: dataset.id, limit: 200, ...(cursor && { cursor }) });
    check(marksIn(page));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  expect(seen.size).toBeGreaterThan(values.length / 2);
}, 60_000);

test('whatever was taken is in an export, and is there again once it is restored', async () => {
  await server[Symbol.asyncDispose]();
  const bundle = join(directory.path, 'bundle');
  const settings = (name: string) => readConfig({ ...embedded, NEXUS_DATA_DIR: join(directory.path, name) });
  await exportBundle(settings('from'), bundle, () => undefined);
  expect(await restoreBundle(settings('to'), bundle, () => undefined)).toBe(true);
  server = await startNexus({ ...embedded, NEXUS_DATA_DIR: join(directory.path, 'to') });
  const before = new Set(seen);
  seen.clear();
  await readAll(server.url, world.tokens.owner, 'tRPC');
  expect(seen.size).toBeGreaterThan(200);
  expect(before.size).toBeGreaterThan(0);
}, 120_000);
