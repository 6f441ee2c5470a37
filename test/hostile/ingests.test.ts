import { gzipSync } from 'node:zlib';
import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeVector } from '../../server/procedure/transformer.ts';
import { answeredMeanwhile } from '../support/answered-meanwhile.ts';
import { followIngest, ingestTexts, uploadFile } from '../support/ingest-texts.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { aStranger } from '../support/people.ts';
import { aDatasetOf, aVector } from '../support/rows.ts';

let nexus: Nexus;
let good: NexusClient;
let strangers: NexusClient[];
beforeAll(async () => {
  nexus = await startNexus();
  good = nexus.as(nexus.token);
  strangers = [await aStranger(nexus), await aStranger(nexus), await aStranger(nexus)];
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

async function ingest(client: NexusClient, bytes: Buffer) {
  const dataset = await aDatasetOf(client);
  const objectId = await uploadFile(client, dataset.name, bytes);
  return client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
}

test('long ingests of other workspaces hold nobody’s back: they take turns', async () => {
  const vector = encodeVector(aVector(1));
  const lines = Array.from({ length: 60_000 }, (_, at) => `{"content":"long ${at}","embedding":"${vector}"}`);
  const file = gzipSync(lines.join('\n'));
  const long = await Promise.all(strangers.map((stranger) => ingest(stranger, file)));
  for (const [at, { id }] of long.entries()) {
    await expect
      .poll(async () => (await strangers[at]?.datasets.getIngest.query({ id }))?.lineCount, { timeout: 30_000 })
      .toBeGreaterThan(0);
  }
  const dataset = await aDatasetOf(good);
  expect(await answeredMeanwhile(good, () => ingestTexts(good, dataset, ['one', 'two', 'three']))).toBe(1);
  for (const [at, { id }] of long.entries()) {
    const canceled = await strangers[at]?.datasets.cancelIngest.mutate({ id });
    expect(canceled?.status).toBe('canceled');
  }
});

test.each([
  ['blank lines', Buffer.alloc(60_000_000, ' \n')],
  ['lines of which each is empty', Buffer.alloc(60_000_000, '\n')],
  ['lines that are no chunk', Buffer.alloc(60_000_000, '[]\n')],
  ['lines that are too long', Buffer.from(`${'x'.repeat(1024 * 1024 + 1)}\n`.repeat(400))],
])('a small file of nothing but %s is given up, and holds nobody up', async (_, bytes) => {
  const [stranger] = strangers;
  if (!stranger) throw new Error('There is no stranger.');
  const last = await answeredMeanwhile(good, async () => {
    const { id } = await ingest(stranger, gzipSync(bytes));
    return (await followIngest(stranger, id)).at(-1);
  });
  expect(last).toMatchObject({ status: 'failed', error: expect.stringContaining('blank or no chunk') });
});
