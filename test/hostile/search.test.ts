import { randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answeredMeanwhile } from '../support/answered-meanwhile.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { aStranger } from '../support/people.ts';
import { aDatasetOf, aVector } from '../support/rows.ts';

let nexus: Nexus;
let client: NexusClient;
let good: NexusClient;
beforeAll(async () => {
  nexus = await startNexus();
  client = nexus.as(nexus.token);
  good = await aStranger(nexus);
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

/** As many different words as a search takes, and texts as long as a chunk may be, made of them. */
const words = Array.from({ length: 80 }, (_, at) => `hostile${at}`);
const longText = (seed: number, length: number) => {
  let text = '';
  for (let at = seed; text.length < length; at += 1) text += `${words[(at * 37) % words.length]} `;
  return text.slice(0, length);
};

test('searches of many words over long texts are answered, marked, and hold nobody up', async () => {
  const dataset = await aDatasetOf(client);
  for (let at = 0; at < 10; at += 1) {
    const content = `${randomUUID()} ${longText(at, 99_900)}`;
    await client.chunks.add.mutate({ datasetId: dataset.id, content, embedding: aVector(at), metadata: {} });
    await client.context.add.mutate({ type: 'hostile', data: longText(at, 190_000) });
  }
  const text = words.join(' ').slice(0, 500);
  const searches = [
    () => client.chunks.search.query({ text, k: 10 }),
    () => client.chunks.search.query({ text, embedding: aVector(1), k: 10 }),
    () => client.context.search.query({ text, limit: 10 }),
    () => client.search.all.query({ text }),
  ];
  const answers = await answeredMeanwhile(good, () =>
    Promise.all(Array.from({ length: 3 }, () => searches.map((search) => search())).flat()),
  );
  for (const { items } of answers) {
    expect(items.length).toBeGreaterThan(0);
    for (const { highlight } of items) {
      expect(highlight).toContain('«hostile');
      expect(highlight?.length).toBeLessThan(2_000);
    }
  }
});
