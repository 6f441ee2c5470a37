import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { aDatasetOf, aVector } from '../support/rows.ts';

/** More than are compared one by one. */
const chunkCount = 5_200;

let nexus: Nexus;
let client: NexusClient;
let datasetId: number;
beforeAll(async () => {
  nexus = await startNexus();
  client = nexus.as(nexus.token);
  ({ id: datasetId } = await aDatasetOf(client));
  for (let from = 0; from < chunkCount; from += 1_300) {
    const chunks = Array.from({ length: 1_300 }, (_, at) => ({
      content: `chunk ${from + at}`,
      embedding: aVector(from + at, 0.03 + ((from + at) % 97) / 500),
      metadata: { place: from + at, half: at % 2 },
    }));
    await client.chunks.addMany.mutate({ datasetId, chunks });
  }
}, 300_000);
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

test('a measurement says how much of the truth each number of candidates finds, and is kept', async () => {
  const measured = await client.datasets.recall.mutate({ datasetId, sampleCount: 10, efSearch: [11, 400] });
  expect(measured.items.map(({ efSearch }) => efSearch)).toEqual([11, 400]);
  for (const one of measured.items) {
    expect(one).toMatchObject({ datasetId, k: 10, sampleCount: 10, chunkCount });
    expect(one.recall).toBeGreaterThanOrEqual(0);
    expect(one.recall).toBeLessThanOrEqual(1);
    expect(Math.min(one.medianMs, one.exactMedianMs)).toBeGreaterThan(0);
  }
  const [narrow, wide] = measured.items;
  expect(wide?.recall).toBeGreaterThanOrEqual(narrow?.recall ?? 1);
  const { items } = await client.datasets.recalls.query({ datasetId });
  expect(items.map(({ id }) => id)).toEqual(measured.items.map(({ id }) => id).reverse());
});

test('recall is measured with the caller’s own queries too, and a bad one is named by its place', async () => {
  const queries = [aVector(5, 0.2), [...aVector(6, 0.3)]];
  const { items } = await client.datasets.recall.mutate({ datasetId, queries, k: 5, efSearch: [1000] });
  expect(items).toMatchObject([{ k: 5, sampleCount: 2, recall: expect.any(Number) }]);
  await expect(client.datasets.recall.mutate({ datasetId, queries: [aVector(5), [1]] })).rejects.toMatchObject({
    data: { reason: 'invalid_input', details: { field: 'queries.1' } },
  });
});

test('a search that asks for a recall takes the least number of candidates that reached it, and says which', async () => {
  const { items } = await client.datasets.recalls.query({ datasetId });
  const asked = 0.6;
  const reached = items.filter(({ recall }) => recall >= asked).map(({ efSearch }) => efSearch);
  const input = { datasetIds: [datasetId], embedding: aVector(9) };
  expect((await client.chunks.search.query({ ...input, recall: asked })).efSearch).toBe(Math.min(1000, ...reached));
  expect(await client.chunks.search.query({ ...input, recall: 1 })).toMatchObject({ efSearch: null, complete: true });
});

test('a measurement of fewer neighbours than a search asks for does not choose its candidates', async () => {
  const queries = Array.from({ length: 5 }, (_, at) => aVector(at * 50, 0.03 + ((at * 50) % 97) / 500));
  await client.datasets.recall.mutate({ datasetId, queries, k: 1, efSearch: [30] });
  const input = { datasetIds: [datasetId], embedding: aVector(9), k: 20, recall: 0.98 };
  // The rule of thumb for 0.98.
  expect((await client.chunks.search.query(input)).efSearch).toBe(200);
});

test('no fewer candidates are told than were looked at', async () => {
  const { id } = await aDatasetOf(client);
  const chunks = Array.from({ length: 3 }, (_, at) => ({ content: `chunk ${at}`, embedding: aVector(at) }));
  await client.chunks.addMany.mutate({ datasetId: id, chunks });
  const { items } = await client.datasets.recall.mutate({ datasetId: id, k: 100, efSearch: [1, 20, 200] });
  expect(items.map(({ efSearch }) => efSearch)).toEqual([101, 200]);
});

test.each([
  ['half of them', { path: 'half', equals: 0 }, 1000],
  ['twelve of them', { path: 'place', gte: 100, lt: 112 }, 12],
  ['all of them', undefined, 1000],
])('a search of many never answers fewer than match, up to k = 1,000: %s', async (_, filter, count) => {
  const found = await client.chunks.search.query({
    datasetIds: [datasetId],
    embedding: aVector(1),
    k: 1000,
    filter,
  });
  expect(found.items).toHaveLength(count);
  expect(new Set(found.items.map(({ chunk }) => chunk.id)).size).toBe(count);
  expect(found.complete).toBe(true);
});

test('with one candidate and a filter that almost nothing passes, the index’s answer is made whole', async () => {
  const filter = { path: 'place', in: [5, 1700, 3400, 5100] };
  const found = await client.chunks.search.query({
    datasetIds: [datasetId],
    embedding: aVector(2),
    efSearch: 1,
    filter,
  });
  expect(found.items.map(({ chunk }) => chunk.metadata.place).sort()).toEqual([1700, 3400, 5, 5100]);
  expect(found.complete).toBe(true);
});

test('where a limit keeps the search from making the index’s answer whole, it says so', async () => {
  await using limited = await startNexus({ NEXUS_EXACT_CHUNKS: '100' });
  const limitedClient = limited.as(limited.token);
  const { id } = await aDatasetOf(limitedClient);
  const chunks = Array.from({ length: 101 }, (_, at) => ({ content: `chunk ${at}`, embedding: aVector(at, 0.1) }));
  await limitedClient.chunks.addMany.mutate({ datasetId: id, chunks: chunks.slice(0, 100) });
  const input = { datasetIds: [id], embedding: aVector(3), k: 200, efSearch: 10 };
  expect(await limitedClient.chunks.search.query(input)).toMatchObject({ complete: true, efSearch: null });
  await limitedClient.chunks.addMany.mutate({ datasetId: id, chunks });
  expect(await limitedClient.chunks.search.query(input)).toMatchObject({ complete: false, efSearch: 201 });
  expect((await limitedClient.chunks.search.query({ ...input, k: 10 })).complete).toBe(true);
});

test('where comparing all takes longer than it may, the search answers what the index found, and says so', async () => {
  await using hurried = await startNexus({ NEXUS_EXACT_MS: '1' });
  const hurriedClient = hurried.as(hurried.token);
  const { id } = await aDatasetOf(hurriedClient);
  const chunks = Array.from({ length: 600 }, (_, at) => ({ content: `chunk ${at}`, embedding: aVector(at, 0.1) }));
  await hurriedClient.chunks.addMany.mutate({ datasetId: id, chunks });
  // Two thousand conditions a chunk, all of which hold: many times what may be taken.
  const others = Array.from({ length: 100 }, (_, at) => at);
  const filter = { and: Array.from({ length: 20 }, () => ({ not: { path: 'place', in: others } })) };
  const input = { datasetIds: [id], embedding: aVector(3), k: 1000, efSearch: 10, filter };
  const found = await hurriedClient.chunks.search.query(input);
  expect(found).toMatchObject({ complete: false, efSearch: 1000 });
  expect(found.items[0]?.chunk.content).toBe('chunk 3');
});

test('a dataset of one chunk, and efSearch together with recall, are refused', async () => {
  const { id } = await aDatasetOf(client);
  await expect(client.datasets.recall.mutate({ datasetId: id })).rejects.toMatchObject({
    data: { reason: 'precondition_failed' },
  });
  await expect(client.chunks.search.query({ embedding: aVector(0), efSearch: 10, recall: 0.9 })).rejects.toMatchObject({
    data: { reason: 'invalid_input', details: { field: 'recall' } },
  });
});
