import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';

let nexus: Nexus;
let topologyId: number;
const names = new Map<number, string>();
beforeAll(async () => {
  nexus = await startNexus();
  topologyId = (await client().topologies.create.mutate({ name: `t-${crypto.randomUUID()}`, architecture: 'mlp' })).id;
  const make = async (
    name: string,
    params: Record<string, string | number | boolean | object>,
    losses: number[],
    accuracy?: number,
    tags: string[] = [],
  ) => {
    const { id } = await client().training.start.mutate({
      topologyId,
      name,
      tags,
      params: JSON.parse(JSON.stringify(params)),
    });
    names.set(id, name);
    const points = losses.map((value, step) => ({ key: 'loss', step, value }));
    if (points.length > 0) await client().training.log.mutate({ runId: id, points });
    if (accuracy !== undefined) await client().training.finish.mutate({ id, accuracy });
  };
  await make('a', { lr: 0.1, optimizer: { name: 'adamw' } }, [3, 1, 2], 0.5, ['baseline']);
  await make('b', { lr: 0.01, optimizer: { name: 'sgd' } }, [5, 4], 0.9, ['baseline', 'wide']);
  await make('c', { lr: 0.001, optimizer: { name: 'adamw' }, isFrozen: true }, [Number.NaN, 0.5], 0.7);
  await make('d', { lr: 'auto' }, [2.5]);
  await make('e', {}, []);
});
afterAll(async () => nexus[Symbol.asyncDispose]());

const client = () => nexus.as(nexus.token);
type Input = Parameters<ReturnType<typeof client>['training']['list']['query']>[0];
const list = async (input: Input) =>
  (await client().training.list.query({ topologyId, ...input })).items.map(({ id }) => names.get(id)).join('');
const byName = { field: 'name', direction: 'asc' } as const;

test.each<[string, NonNullable<Input['filter']>]>([
  ['ac', { param: 'optimizer.name', equals: 'adamw' }],
  ['ab', { param: 'lr', gte: 0.01 }],
  ['abcd', { param: 'lr', exists: true }],
  ['e', { param: 'lr', exists: false }],
  ['d', { param: 'lr', in: ['auto', 7] }],
  ['c', { param: 'isFrozen', equals: true }],
  ['c', { metric: 'loss', figure: 'min', lt: 1 }],
  ['ad', { metric: 'loss', gt: 1, lt: 3 }],
  ['b', { metric: 'loss', figure: 'max', in: [5, 6] }],
  ['e', { not: { metric: 'loss', exists: true } }],
  ['bcde', { not: { metric: 'loss', figure: 'min', equals: 1 } }],
  ['ab', { tag: 'baseline' }],
  ['abc', { field: 'status', in: ['completed', 'failed'] }],
  ['bc', { field: 'accuracy', gte: 0.7 }],
  ['de', { field: 'finishedAt', exists: false }],
  ['abcde', { field: 'startedAt', gt: new Date(0) }],
  ['', { field: 'startedAt', lt: '2020-01-01T00:00:00Z' }],
  [
    'bce',
    {
      or: [
        { and: [{ tag: 'wide' }, { field: 'name', equals: 'b' }] },
        { param: 'isFrozen', exists: true },
        { field: 'name', equals: 'e' },
      ],
    },
  ],
])('a filter finds the runs %s: %j', async (found, filter) => {
  expect(await list({ filter, sort: byName })).toBe(found);
});

test.each<[string, NonNullable<Input['sort']>]>([
  ['edcba', { field: 'createdAt' }],
  ['bcaed', { field: 'accuracy', direction: 'desc' }],
  ['acbed', { field: 'accuracy', direction: 'asc' }],
  ['bdace', { metric: 'loss', figure: 'last' }],
  ['cadbe', { metric: 'loss', figure: 'min', direction: 'asc' }],
  ['abced', { param: 'lr' }],
  ['abcde', byName],
])('runs are ordered %s, in pages too, those without the value last', async (order, sort) => {
  expect(await list({ sort })).toBe(order);
  let [seen, cursor] = ['', undefined as string | undefined];
  for (let page = 0; page < 6; page += 1) {
    const { items, nextCursor } = await client().training.list.query({ topologyId, sort, limit: 1, cursor });
    seen += items.map(({ id }) => names.get(id)).join('');
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  expect(seen).toBe(order);
});

test('by REST the filter and the order are JSON in the query', async () => {
  const query = new URLSearchParams({
    topology_id: String(topologyId),
    filter: JSON.stringify({ and: [{ tag: 'baseline' }, { field: 'startedAt', gt: '2020-01-01T00:00:00Z' }] }),
    sort: JSON.stringify({ field: 'name', direction: 'asc' }),
  });
  const response = await nexus.rest('GET', `/api/training/runs?${query}`);
  expect(Object(await response.json()).items).toMatchObject([{ name: 'a' }, { name: 'b' }]);
  const broken = await nexus.rest('GET', '/api/training/runs?filter={tag');
  expect([broken.status, Object(await broken.json()).details]).toMatchObject([400, { field: 'filter' }]);
});

test.each<[string, unknown, unknown]>([
  ['no subject', { equals: 1 }, undefined],
  ['two subjects', { param: 'a', metric: 'b', equals: 1 }, undefined],
  ['no test', { param: 'a' }, undefined],
  ['a word for a number', { metric: 'loss', gt: 'low' }, undefined],
  ['a number for a text', { field: 'name', equals: 7 }, undefined],
  ['no time', { field: 'startedAt', gt: 'yesterday' }, undefined],
  ['an unknown field', { field: 'password', equals: 'x' }, undefined],
  ['an empty list', { and: [] }, undefined],
  ['an order by nothing', undefined, { direction: 'asc' }],
])('%s is refused with its place', async (_, filter, sort) => {
  const input = JSON.parse(JSON.stringify({ topologyId, filter, sort }));
  await expect(client().training.list.query(input)).rejects.toMatchObject({ data: { reason: 'invalid_input' } });
});

test('a cursor of another order is refused', async () => {
  const { nextCursor } = await client().training.list.query({ topologyId, sort: byName, limit: 1 });
  const other = client().training.list.query({ topologyId, limit: 1, cursor: nextCursor ?? undefined });
  await expect(other).rejects.toMatchObject({
    data: { reason: 'invalid_input' },
    message: expect.stringContaining('cursor'),
  });
});
