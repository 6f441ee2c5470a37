import { randomUUID } from 'node:crypto';
import { isNexusError, type NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encodeVector } from '../../server/procedure/transformer.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { aStranger } from '../support/people.ts';
import { aDatasetOf, aVector } from '../support/rows.ts';

const forged = (...place: number[]) => Buffer.from(JSON.stringify(place)).toString('base64url');

let nexus: Nexus;
let client: NexusClient;
beforeAll(async () => {
  nexus = await startNexus();
  client = nexus.as(nexus.token);
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (isNexusError(error) ? { reason: error.data.reason, message: error.message } : error),
  );

describe('datasets', () => {
  test('are created, listed newest first, read and deleted', async () => {
    const first = await aDatasetOf(client);
    const second = await aDatasetOf(client);
    const listed = await client.datasets.list.query({});
    expect(listed.items.slice(0, 2).map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await client.datasets.get.query({ id: `dataset-${first.id}` })).toEqual(first);
    await client.datasets.delete.mutate({ id: first.id });
    expect(await refusal(client.datasets.get.query({ id: first.id }))).toMatchObject({ reason: 'not_found' });
  });

  test('a name is unique in the workspace', async () => {
    const { name } = await aDatasetOf(client);
    expect(await refusal(client.datasets.create.mutate({ name }))).toMatchObject({
      reason: 'conflict',
      message: `There is a dataset "${name}" already; use it, or choose another name.`,
    });
  });

  test('an upload makes the dataset and stores its files as the guide draws them; again, it answers the same', async () => {
    const name = `web-scrape-${randomUUID()}`;
    const files = [
      { name: 'chunk_001.jsonl', data: '{"text":"a"}\n', type: 'application/x-ndjson' },
      { name: 'metadata.json', data: { lines: 1 } },
    ];
    const uploaded = await client.datasets.upload.mutate({ name, files });
    expect(uploaded.files.map(({ key }) => key)).toEqual([
      `datasets/${name}/chunk_001.jsonl`,
      `datasets/${name}/metadata.json`,
    ]);
    expect(await client.datasets.upload.mutate({ name, files })).toEqual(uploaded);
    await client.datasets.delete.mutate({ id: uploaded.dataset.id });
    for (const { id } of uploaded.files) {
      expect(await refusal(client.objects.get.query({ id }))).toMatchObject({ reason: 'not_found' });
    }
  });
});

describe('chunks', () => {
  test('the same text is stored once in a dataset, within a call and between calls, and the answer says which were new', async () => {
    const { id: datasetId } = await aDatasetOf(client);
    const chunk = (content: string) => ({ content, embedding: aVector(content.length), metadata: { content } });
    const first = await client.chunks.addMany.mutate({ datasetId, chunks: [chunk('a'), chunk('bb'), chunk('a')] });
    expect(first.chunks.map(({ isNew }) => isNew)).toEqual([true, true, false]);
    expect(first.chunks[2]?.id).toBe(first.chunks[0]?.id);
    const second = await client.chunks.addMany.mutate({ datasetId, chunks: [chunk('bb'), chunk('ccc')] });
    expect(second).toMatchObject({ newCount: 1, chunks: [{ id: first.chunks[1]?.id, isNew: false }, { isNew: true }] });
    expect((await client.datasets.get.query({ id: datasetId })).chunkCount).toBe(3);
    const listed = await client.chunks.list.query({ datasetId, limit: 2 });
    expect(listed.items).toHaveLength(2);
    expect(listed.nextCursor).not.toBeNull();
  });

  test('a vector reads back as it was written, to the last bit of a float32', async () => {
    const { id: datasetId } = await aDatasetOf(client);
    const embedding = Float32Array.from({ length: 384 }, (_, at) => Math.fround(Math.sin(at) / 3));
    const { id } = await client.chunks.add.mutate({ datasetId, content: 'exact', embedding });
    expect((await client.chunks.get.query({ datasetId, id })).embedding).toEqual(embedding);
  });

  test('vectors come as float32, as numbers and as base64, and by REST too', async () => {
    const dataset = await aDatasetOf(client);
    const answers = await Promise.all(
      [[...aVector(1)], encodeVector(aVector(2))].map((embedding, at) =>
        nexus.rest('POST', '/api/chunks', { dataset_id: `${dataset.id}`, content: `rest ${at}`, embedding }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const found = await nexus.rest('POST', '/api/chunks/search', {
      dataset_ids: [dataset.id],
      embedding: encodeVector(aVector(2)),
      k: 1,
    });
    expect(await found.json()).toMatchObject({ items: [{ chunk: { content: 'rest 1', dataset_id: dataset.id } }] });
    const [first] = z
      .array(z.object({ id: z.number() }))
      .parse(await Promise.all(answers.map((answer) => answer.json())));
    const read = await nexus.rest('GET', `/api/datasets/${dataset.id}/chunks/${first?.id}`);
    expect(z.object({ embedding: z.array(z.number()) }).parse(await read.json()).embedding).toHaveLength(384);
  });

  test('one bad vector refuses the whole call, and each bad one is named with its reason', async () => {
    const { id: datasetId } = await aDatasetOf(client);
    const chunk = (content: string, embedding: Float32Array | number[] | string) => ({ content, embedding });
    const call = client.chunks.addMany.mutate({
      datasetId,
      chunks: [
        chunk('good', aVector(0)),
        chunk('short', [1, 2]),
        chunk('endless', aVector(0).with(3, Number.POSITIVE_INFINITY)),
        chunk('zero', new Float32Array(384)),
        chunk('text', 'no base64!'),
      ],
    });
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    if (!isNexusError(error, 'invalid_input')) throw error;
    expect(error.data.details.issues).toEqual([
      { field: 'chunks.1.embedding', problem: 'has 2 numbers; 384 are expected' },
      { field: 'chunks.2.embedding', problem: 'holds a number that is not finite, or too large for a float32' },
      { field: 'chunks.3.embedding', problem: 'is all zero, which has no direction to compare' },
      { field: 'chunks.4.embedding', problem: 'must be base64 of little-endian float32', value: 'no base64!' },
    ]);
    expect((await client.datasets.get.query({ id: datasetId })).chunkCount).toBe(0);
  });

  test.each([
    ['too long', 3e38],
    ['too short', 1e-25],
  ])(
    'a vector %s to be compared in float32 is refused: its distance to anything would be no number',
    async (_, part) => {
      const { id: datasetId } = await aDatasetOf(client);
      const chunk = { content: 'odd', embedding: aVector(1).map(() => part) };
      expect(await refusal(client.chunks.add.mutate({ datasetId, ...chunk }))).toMatchObject({
        reason: 'invalid_input',
        message: expect.stringMatching(
          /has a length of \S+; give one of a length from 1e-15 to 1000000000000000, such as 1/,
        ),
      });
      const least = await client.chunks.add.mutate({
        datasetId,
        content: 'least',
        embedding: aVector(1).map((x) => x * 1e-14),
      });
      await client.chunks.add.mutate({ datasetId, content: 'greatest', embedding: aVector(2).map((x) => x * 1e14) });
      const near = await client.chunks.search.query({ datasetIds: [datasetId], embedding: aVector(1) });
      expect(near.items.map(({ chunk: { id } }) => id)[0]).toBe(least.id);
      expect(near.items[0]?.similarity).toBeCloseTo(1, 4);
      expect(near.items).toHaveLength(2);
    },
  );

  test('each of 120 bad vectors is named by its index', async () => {
    const { id: datasetId } = await aDatasetOf(client);
    const chunks = Array.from({ length: 120 }, (_, at) => ({ content: `bad ${at}`, embedding: [at] }));
    const error: unknown = await client.chunks.addMany.mutate({ datasetId, chunks }).catch((thrown: unknown) => thrown);
    if (!isNexusError(error, 'invalid_input')) throw error;
    expect(error.data.details.issues).toHaveLength(120);
    expect(error.data.details.issues).toContainEqual({
      field: 'chunks.119.embedding',
      problem: 'has 1 numbers; 384 are expected',
    });
  });

  test('concurrent calls with the same texts in another order store each once and wait for nobody for ever', async () => {
    const { id: datasetId } = await aDatasetOf(client);
    const texts = Array.from({ length: 100 }, (_, at) => `text ${at}`);
    const add = (contents: string[]) =>
      client.chunks.addMany.mutate({
        datasetId,
        chunks: contents.map((content) => ({ content, embedding: aVector(content.length) })),
      });
    const answers = await Promise.all([add(texts), add(texts.toReversed()), add(texts), add(texts.toReversed())]);
    expect(answers.reduce((sum, { newCount }) => sum + newCount, 0)).toBe(100);
    expect((await client.datasets.get.query({ id: datasetId })).chunkCount).toBe(100);
  });

  test('nothing of another workspace’s dataset is found, read, added, deleted or measured', async () => {
    const stranger = await aStranger(nexus);
    const { id: datasetId } = await aDatasetOf(client);
    const embedding = aVector(1);
    const content = `okapi ${datasetId}`;
    const { id } = await client.chunks.add.mutate({ datasetId, content, embedding });
    const datasetIds = [datasetId];
    const calls = [
      stranger.datasets.get.query({ id: datasetId }),
      stranger.datasets.delete.mutate({ id: datasetId }),
      stranger.datasets.recall.mutate({ datasetId }),
      stranger.datasets.recalls.query({ datasetId }),
      stranger.chunks.list.query({ datasetId }),
      stranger.chunks.get.query({ datasetId, id }),
      stranger.chunks.delete.mutate({ datasetId, id }),
      stranger.chunks.addMany.mutate({ datasetId, chunks: [{ content: 'b', embedding }] }),
      stranger.chunks.search.query({ datasetIds, text: content }),
      stranger.chunks.search.query({ datasetIds, embedding }),
      stranger.chunks.search.query({ datasetIds, embedding, efSearch: 10 }),
      stranger.chunks.search.query({ datasetIds, embedding, recall: 1 }),
      stranger.chunks.search.query({ datasetIds, text: content, embedding }),
    ];
    const reasons = (await Promise.all(calls.map(refusal))).map((answer) => Object(answer).reason);
    expect(reasons).toEqual(calls.map(() => 'not_found'));
    for (const query of [{ text: content }, { embedding }, { embedding, efSearch: 10 }, { text: content, embedding }]) {
      expect((await stranger.chunks.search.query(query)).items).toEqual([]);
    }
    expect((await client.chunks.list.query({ datasetId })).items).toHaveLength(1);
  });

  test('2,001 chunks and an unknown dataset are refused', async () => {
    const chunk = { content: 'x', embedding: aVector(0) };
    const { id: datasetId } = await aDatasetOf(client);
    const many = Array.from({ length: 2001 }, () => chunk);
    expect(await refusal(client.chunks.addMany.mutate({ datasetId, chunks: many }))).toMatchObject({
      reason: 'invalid_input',
    });
    expect(await refusal(client.chunks.add.mutate({ datasetId: 999_999_999, ...chunk }))).toMatchObject({
      reason: 'not_found',
    });
  });

  test('a deleted chunk is found no more', async () => {
    const { id: datasetId } = await aDatasetOf(client);
    const { id } = await client.chunks.add.mutate({ datasetId, content: 'gone', embedding: aVector(5) });
    await client.chunks.delete.mutate({ datasetId, id });
    expect((await client.chunks.search.query({ datasetIds: [datasetId], embedding: aVector(5) })).items).toEqual([]);
    expect(await refusal(client.chunks.delete.mutate({ datasetId, id }))).toMatchObject({ reason: 'not_found' });
  });
});

describe('search', () => {
  let datasetId: number;
  beforeAll(async () => {
    ({ id: datasetId } = await aDatasetOf(client));
    await client.chunks.addMany.mutate({
      datasetId,
      chunks: Array.from({ length: 60 }, (_, at) => ({
        content: `Chunk number${at} about ${at % 2 ? 'vacuuming tables' : 'joining relations'}.`,
        embedding: aVector(at, 0.02),
        metadata: {
          chapter: at % 10,
          source: at % 2 ? 'manual' : 'book',
          nested: { page: at, list: [{ place: at }, at % 4], 7: at % 3 },
          ...(at % 3 === 0 && { tag: null }),
        },
      })),
    });
  });
  const contents = (found: { items: { chunk: { content: string } }[] }) =>
    found.items.map(({ chunk }) => Number(chunk.content.match(/number(\d+)/)?.[1]));

  test('by vector: the nearest first, with its similarity', async () => {
    const found = await client.chunks.search.query({ datasetIds: [datasetId], embedding: aVector(7), k: 3 });
    expect(contents(found)[0]).toBe(7);
    expect(found.complete).toBe(true);
    const scores = found.items.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores[0]).toBeGreaterThan(0.9);
  });

  test('pages put together are the whole, in the same order and with nothing twice', async () => {
    const input = { datasetIds: [datasetId], embedding: aVector(3, 0.5) };
    const whole = contents(await client.chunks.search.query({ ...input, k: 60 }));
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.chunks.search.query({ ...input, k: 7, cursor });
      pages.push(...contents(page));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && pages.length < 100);
    expect(pages).toEqual(whole);
    expect(new Set(whole).size).toBe(60);
  });

  test('by words: ranked, with the words found marked', async () => {
    const found = await client.chunks.search.query({ datasetIds: [datasetId], text: 'vacuum table', k: 50 });
    expect(found.items).toHaveLength(30);
    expect(found.items[0]).toMatchObject({
      similarity: null,
      highlight: expect.stringContaining('«vacuuming» «tables»'),
    });
  });

  test('by both: what both rankings have comes first', async () => {
    const found = await client.chunks.search.query({
      datasetIds: [datasetId],
      text: 'number11',
      embedding: aVector(11),
      k: 5,
    });
    expect(contents(found)[0]).toBe(11);
    expect(found.items[0]).toMatchObject({ score: 2 / 61, highlight: expect.stringContaining('«number11»') });
    expect(found.items).toHaveLength(5);
  });

  test.each([
    ['by vector', { embedding: aVector(3, 0.5) }],
    ['by words', { text: 'chunk' }],
    ['by both', { text: 'chunk', embedding: aVector(3, 0.5) }],
  ])('pages %s are not torn apart by chunks that are added between them', async (_, query) => {
    const { id } = await aDatasetOf(client);
    const add = (from: number, count: number) =>
      client.chunks.addMany.mutate({
        datasetId: id,
        chunks: Array.from({ length: count }, (_, at) => ({
          content: 'chunk '.repeat(1 + ((from + at) % 7)) + (from + at),
          embedding: aVector(3 + from + at, 0.5),
        })),
      });
    await add(1, 30);
    const whole = await client.chunks.search.query({ datasetIds: [id], ...query, k: 40 });
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.chunks.search.query({ datasetIds: [id], ...query, k: 7, cursor });
      seen.push(...page.items.map(({ chunk }) => chunk.id));
      cursor = page.nextCursor ?? undefined;
      // The nearest of all, on every page anew.
      await add(384 * (1 + seen.length), 1);
    } while (cursor !== undefined && seen.length < 100);
    expect(new Set(seen).size).toBe(seen.length);
    const first = whole.items.map(({ chunk }) => chunk.id);
    expect(seen.filter((one) => first.includes(one))).toEqual(first);
  });

  test('pages by both end where their rankings do, and the last one says that more may match', async () => {
    const { id } = await aDatasetOf(client);
    const chunks = Array.from({ length: 300 }, (_, at) => ({
      content: `chunk ${at}`,
      embedding: aVector(at, 0.1),
      metadata: { isFew: at < 30 },
    }));
    await client.chunks.addMany.mutate({ datasetId: id, chunks });
    const input = { datasetIds: [id], text: 'chunk', embedding: aVector(3, 0.5), k: 50 };
    const claims: boolean[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.chunks.search.query({ ...input, cursor });
      claims.push(page.complete);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && claims.length < 10);
    expect(claims).toEqual([...claims.slice(1).map(() => true), false]);
    const few = await client.chunks.search.query({ ...input, filter: { path: 'isFew', equals: true } });
    expect([few.items.length, few.nextCursor, few.complete]).toEqual([30, null, true]);
  });

  test.each([
    ['by vector', { embedding: aVector(3, 0.5) }, { embedding: aVector(4, 0.5) }],
    ['by words', { text: 'chunk' }, { text: 'joins' }],
    ['by both', { text: 'chunk', embedding: aVector(3, 0.5) }, { text: 'joins', embedding: aVector(3, 0.5) }],
  ])('a cursor %s is refused by every other search, and serves pages of another size', async (_, query, other) => {
    const input = { datasetIds: [datasetId], ...query, k: 5 };
    const { nextCursor: cursor } = await client.chunks.search.query(input);
    if (cursor === null) throw new Error('Sixty chunks are more than a page.');
    const others = [
      { ...input, ...other },
      { ...input, filter: { path: 'chapter', equals: 1 } },
      { ...input, datasetIds: undefined },
      { ...input, createdAfter: new Date(0) },
      { ...input, text: 'embedding' in query && !('text' in query) ? 'chunk' : undefined, embedding: aVector(3, 0.5) },
    ];
    for (const search of others) {
      expect(await refusal(client.chunks.search.query({ ...search, cursor }))).toMatchObject({
        reason: 'invalid_input',
        message: expect.stringMatching(/^The cursor is (of another search|not one of this list); give /),
      });
    }
    expect((await client.chunks.search.query({ ...input, k: 20, cursor })).items).toHaveLength(20);
  });

  test.each([
    ['equals', { path: 'source', equals: 'book' }, 30],
    ['in', { path: 'chapter', in: [1, 2] }, 12],
    ['a range of a nested value', { path: ['nested', 'page'], gte: 10, lt: 15 }, 5],
    ['a range of text', { path: 'source', gt: 'c' }, 30],
    ['exists, null being a value', { path: 'tag', exists: true }, 20],
    ['exists not', { path: 'tag', exists: false }, 40],
    ['equals null', { path: 'tag', equals: null }, 20],
    [
      'and, or, not',
      {
        and: [
          { not: { path: 'source', equals: 'book' } },
          {
            or: [
              { path: 'chapter', equals: 1 },
              { path: 'chapter', equals: 2 },
            ],
          },
        ],
      },
      6,
    ],
    ['not of a value that is not there', { not: { path: 'nothing', equals: 1 } }, 60],
    ['a number is not its text', { path: 'chapter', equals: '1' }, 0],
    ['a place in a list', { path: ['nested', 'list', '1'], equals: 3 }, 15],
    ['not in a place of a list', { not: { path: ['nested', 'list', '9'], in: [3] } }, 60],
    ['inside a list', { path: ['nested', 'list', '0', 'place'], gte: 50 }, 10],
    ['a key of digits', { path: ['nested', '7'], equals: 0 }, 20],
  ])('filter: %s', async (_, filter, count) => {
    const found = await client.chunks.search.query({ datasetIds: [datasetId], embedding: aVector(0), k: 100, filter });
    expect(found.items).toHaveLength(count);
    const worded = await client.chunks.search.query({ datasetIds: [datasetId], text: 'chunk', k: 100, filter });
    expect(worded.items).toHaveLength(count);
  });

  test('by the index, a filter that few pass still gives all of them', async () => {
    const found = await client.chunks.search.query({
      datasetIds: [datasetId],
      embedding: aVector(0),
      k: 10,
      efSearch: 10,
      filter: { path: ['nested', 'page'], gte: 50 },
    });
    expect(found.items).toHaveLength(10);
  });

  test('by time', async () => {
    const input = { datasetIds: [datasetId], embedding: aVector(0), k: 100 };
    expect((await client.chunks.search.query({ ...input, createdAfter: new Date() })).items).toEqual([]);
    expect((await client.chunks.search.query({ ...input, createdBefore: new Date() })).items).toHaveLength(60);
  });

  test.each([
    ['neither text nor vector', { k: 3 }, 'text is missing: give text, an embedding, or both.'],
    ['k of 1,001', { text: 'x', k: 1001 }, 'k is 1001: give at most 1000'],
    ['a filter of no condition', { text: 'x', filter: { path: 'a' } }, 'filter is an object: must have one of equals'],
    [
      'a filter with an unknown test',
      { text: 'x', filter: { and: [{ path: 'a', like: 'b' }] } },
      'filter.and.0.like is "b": there is no such field',
    ],
    ['a filter that is a list', { text: 'x', filter: [] }, 'filter has 0 items: give an object'],
    ['a foreign cursor', { text: 'x', cursor: 'abc' }, 'The cursor is not one of this list'],
    ['a forged cursor', { text: 'x', cursor: forged(-0.5, 1e300) }, 'The cursor is not one of this list'],
    [
      'a forged cursor of vectors',
      { embedding: [...aVector(1)], cursor: forged(0.5, 1.5) },
      'The cursor is not one of',
    ],
    [
      'a path of eleven keys',
      { text: 'x', filter: { path: Array(11).fill('a'), equals: 1 } },
      'filter.path has 11 items: give at most 10 items',
    ],
    [
      'a value that is an object',
      { text: 'x', filter: { path: 'a', equals: {} } },
      'filter.equals is an object: give text, ',
    ],
    [
      'a bound that is null',
      { text: 'x', filter: { path: 'a', gt: null } },
      'filter.gt is null: give a number or text',
    ],
    [
      'a condition beside an and',
      { text: 'x', filter: { and: [], path: 'a' } },
      'filter is an object: must have `and` alone',
    ],
    ['the year 0', { text: 'x', created_after: '0000-01-01T00:00:00Z' }, 'created_after'],
  ])('refuses %s by its name', async (_, input, message) => {
    const answer = await nexus.rest('POST', '/api/chunks/search', input);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ detail: expect.stringContaining(message) }),
    ]);
  });

  test('a filter nested 1,000 levels deep is refused, not fallen over', async () => {
    let filter: unknown = { path: 'a', equals: 1 };
    for (let depth = 0; depth < 1000; depth += 1) filter = { not: filter };
    expect((await nexus.rest('POST', '/api/chunks/search', { text: 'x', filter })).status).toBe(400);
  });
});
