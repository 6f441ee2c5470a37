import { randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { aStranger } from '../support/people.ts';
import { aDatasetOf, aVector } from '../support/rows.ts';

let nexus: Nexus;
let client: NexusClient;
beforeAll(async () => {
  nexus = await startNexus();
  client = nexus.as(nexus.token);
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

test('one query finds a chunk, a note, a topology and a model, each with its type and the words found', async () => {
  const word = `zebra${randomUUID().slice(0, 8)}`;
  const topology = await client.topologies.create.mutate({
    name: 'striped',
    description: `About ${word} and others.`,
    architecture: 'transformer',
  });
  const note = await client.context.add.mutate({
    type: 'note',
    data: `The ${word} overfits.`,
    topologyId: topology.id,
  });
  const model = await client.models.upload.mutate({ name: `${word}-v1`, modelData: { a: 1 } });
  const dataset = await client.datasets.create.mutate({ name: `d-${word}` });
  const chunk = await client.chunks.add.mutate({
    datasetId: dataset.id,
    content: `A ${word} in the savanna.`,
    embedding: aVector(1),
  });
  const { items, unavailable } = await client.search.all.query({ text: word });
  expect(unavailable).toEqual([]);
  expect(new Map(items.map((hit) => [hit.type, hit.id]))).toEqual(
    new Map<string, unknown>([
      ['chunk', chunk.id],
      ['context', note.id],
      ['topology', topology.id],
      ['model', model.modelId],
    ]),
  );
  const scores = items.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(items.find(({ type }) => type === 'chunk')).toMatchObject({
    title: dataset.name,
    datasetId: dataset.id,
    highlight: expect.stringContaining(`«${word}»`),
  });
  expect(items.find(({ type }) => type === 'topology')).toMatchObject({
    title: 'striped',
    highlight: expect.stringContaining(`«${word}»`),
  });

  const answer = await nexus.rest('GET', `/api/search?q=${word}&types=model&types=topology`);
  expect(await answer.json()).toMatchObject({ items: [{ score: 1 / 61 }, { score: 1 / 61 }] });
});

test('a part of a name finds it, and a percent sign is no pattern', async () => {
  const name = `Attention${randomUUID()}`;
  const { id } = await client.topologies.create.mutate({ name, architecture: 'transformer' });
  const parts = await client.search.all.query({ text: name.slice(3, 30), types: ['topology'] });
  expect(parts.items.map((hit) => hit.id)).toEqual([id]);
  expect((await client.search.all.query({ text: `${name.slice(0, 12)}%`, types: ['topology'] })).items).toEqual([]);
});

test('nothing of another workspace is found', async () => {
  const word = `okapi${randomUUID().slice(0, 8)}`;
  await client.topologies.create.mutate({ name: word, architecture: 'transformer' });
  await client.models.upload.mutate({ name: word, modelData: { a: 1 } });
  await client.context.add.mutate({ type: 'note', data: word });
  const { id: datasetId } = await aDatasetOf(client);
  await client.chunks.add.mutate({ datasetId, content: word, embedding: aVector(1) });
  expect((await client.search.all.query({ text: word })).items).toHaveLength(4);
  const stranger = await aStranger(nexus);
  expect(await stranger.search.all.query({ text: word })).toMatchObject({ items: [], unavailable: [] });
});

test.each([
  ['no text', { text: '' }, 'q'],
  ['text of blanks', { text: ' \t ' }, 'q'],
  ['an unknown type', { text: 'x', types: ['run'] }, 'types.0'],
  ['a limit of 101', { text: 'x', limit: 101 }, 'limit'],
])('refuses %s by its name', async (_, input, field) => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(input)) query.append(key === 'text' ? 'q' : key, String(value));
  const answer = await nexus.rest('GET', `/api/search?${query}`);
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ details: expect.objectContaining({ field }) }),
  ]);
});
