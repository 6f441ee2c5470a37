import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeVector } from '../../server/procedure/transformer.ts';
import { followIngest, uploadFile } from '../support/ingest-texts.ts';
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

const line = (content: string, axis: number) =>
  JSON.stringify({ content, embedding: [...aVector(axis)], metadata: { axis } });
const vectors = Array.from({ length: 50 }, (_, axis) => encodeVector(aVector(axis, 0.3)));
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

const upload = (name: string, bytes: Buffer) => uploadFile(client, name, bytes);
const followed = (id: number) => followIngest(client, id);

test('a gzip file goes in, each text once, each bad line is told with its reason, and the version says what was in it', async () => {
  const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
  const good = Array.from({ length: 30 }, (_, at) => `text ${at}`);
  const lines = [
    ...good.map((content, at) => line(content, at)),
    line('text 0', 0),
    '',
    'no json',
    '{"content":"no vector"}',
    JSON.stringify({ content: 'short', embedding: [1] }),
    JSON.stringify({ text: 'by its other name', embedding: [...aVector(77)] }),
    'x'.repeat(1024 * 1024 + 1),
  ];
  const objectId = await upload(dataset.name, gzipSync(lines.join('\n')));
  const begun = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  const last = (await followed(begun.id)).at(-1);
  expect(last).toMatchObject({
    status: 'done',
    lineCount: 37,
    newCount: 31,
    refusedCount: 4,
    version: 1,
    chunkCount: 31,
    error: null,
  });
  const { items } = await client.datasets.refusals.query({ id: begun.id });
  expect(items).toEqual([
    { line: 33, reason: 'is not JSON' },
    { line: 34, reason: expect.stringContaining('embedding') },
    { line: 35, reason: 'embedding: has 1 numbers; 384 are expected' },
    { line: 37, reason: 'is longer than 1 MiB' },
  ]);
  expect((await client.datasets.get.query({ id: dataset.id })).chunkCount).toBe(31);
  const hashes = await client.datasets.versionHashes.query({ datasetId: dataset.id, version: 1 });
  expect(hashes.items).toEqual([...good, 'by its other name'].map(sha256).sort());
  expect(last?.contentSha256).toBe(sha256(Buffer.from(hashes.items.join(''), 'hex')));

  const again = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  expect((await followed(again.id)).at(-1)).toMatchObject({
    version: 2,
    newCount: 0,
    chunkCount: 31,
    contentSha256: last?.contentSha256,
  });
  const listed = await client.datasets.ingests.query({ datasetId: dataset.id, status: 'done' });
  expect(listed.items.map(({ version }) => version)).toEqual([2, 1]);
});

test('a file as other programs write it is read: with a byte order mark, CRLF, parts of gzip after one another; what is no chunk is told', async () => {
  const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
  const withMetadata = (metadata: string) =>
    `{"content":"m ${sha256(metadata)}","embedding":"${encodeVector(aVector(3))}","metadata":${metadata}}`;
  const bytes = [
    Buffer.from(`\ufeff${line('first', 1)}\r\n\r\n  ${line('second', 2)}  \r\n`),
    Buffer.concat([Buffer.from('{"content":"caf'), Buffer.from([0xe9]), Buffer.from('"}\n')]),
    Buffer.from('[1]\nnull\n"text"\n'),
    Buffer.from(`${'['.repeat(500_000)}\n`),
    Buffer.from(`${withMetadata(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)}\n`),
    Buffer.from(`${withMetadata('{"a":"\\u0000"}')}\n${withMetadata('{"__proto__":{"a":1}}')}\n`),
    Buffer.from(`{"content":"half \\ud800","embedding":"${encodeVector(aVector(4))}"}\n`),
    Buffer.from(`${line('first', 1)}\n${line('last', 5)}`),
  ];
  const objectId = await upload(dataset.name, Buffer.concat(bytes.map((part) => gzipSync(part))));
  const begun = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  expect((await followed(begun.id)).at(-1)).toMatchObject({
    status: 'done',
    lineCount: 14,
    newCount: 3,
    refusedCount: 9,
  });
  const { items } = await client.datasets.refusals.query({ id: begun.id });
  expect(items).toEqual([
    { line: 4, reason: 'is not UTF-8' },
    { line: 5, reason: expect.stringContaining('give an object') },
    { line: 6, reason: expect.stringContaining('give an object') },
    { line: 7, reason: expect.stringContaining('give an object') },
    { line: 8, reason: 'is not JSON' },
    { line: 9, reason: 'metadata: must not be nested deeper than 100 levels' },
    { line: 10, reason: 'metadata: must not hold NUL' },
    { line: 11, reason: 'metadata: must not have a key "__proto__"; rename it' },
    { line: 12, reason: 'content: must not hold NUL or half a surrogate pair' },
  ]);
});

test('blank lines are counted, wherever they are and however many', async () => {
  const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
  const blank = '\n'.repeat(300_000);
  const bytes = gzipSync(`\n${line('first', 1)}\n\n\nno json\n${blank}${line('second', 2)}\n\n\n`);
  const begun = await client.datasets.ingest.mutate({
    datasetId: dataset.id,
    objectId: await upload(dataset.name, bytes),
  });
  expect((await followed(begun.id)).at(-1)).toMatchObject({ status: 'done', lineCount: 300_008, newCount: 2 });
  const { items } = await client.datasets.refusals.query({ id: begun.id });
  expect(items).toEqual([{ line: 5, reason: 'is not JSON' }]);
});

test('its progress is told by REST as server-sent events, each state once to a reader that comes back', async () => {
  const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
  const objectId = await upload(dataset.name, Buffer.from(line('only', 1)));
  const begun = await nexus.rest('POST', `/api/datasets/${dataset.id}/ingests`, { object_id: objectId });
  expect(begun.status).toBe(201);
  const { id } = Object(await begun.json());
  const events = await (await nexus.rest('GET', `/api/ingests/${id}/events`)).text();
  expect(events).toContain('"status":"done"');
  expect(events).toContain('event: end');
  const last = [...events.matchAll(/^id: ?(.+)$/gm)].at(-1)?.[1] ?? '';
  const again = await fetch(`${nexus.url}/api/ingests/${id}/events`, {
    headers: { authorization: `Bearer ${nexus.token}`, 'last-event-id': last },
  });
  const rest = await again.text();
  expect(rest).not.toContain('"status"');
  expect(rest).toContain('event: end');
});

test('a damaged gzip file, a file of another kind and an unknown object are refused with the reason', async () => {
  const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
  const whole = gzipSync(Array.from({ length: 50 }, (_, at) => line(`t${at}`, at)).join('\n'));
  const objectId = await upload(dataset.name, whole.subarray(0, whole.length - 500));
  const { id } = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  expect((await followed(id)).at(-1)).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('damaged gzip'),
  });
  const log = await client.logs.upload.mutate({ name: `l-${randomUUID()}`, data: 'x' });
  await expect(client.datasets.ingest.mutate({ datasetId: dataset.id, objectId: log.id })).rejects.toMatchObject({
    data: { reason: 'invalid_input' },
  });
  await expect(client.datasets.ingest.mutate({ datasetId: dataset.id, objectId: randomUUID() })).rejects.toMatchObject({
    data: { reason: 'not_found' },
  });
});

test('a dataset is deleted while an ingest reads into it: neither waits for the other, and the ingest is gone with it', async () => {
  for (const round of [1, 2, 3]) {
    const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
    const lines = Array.from(
      { length: 3_000 },
      (_, at) => `{"content":"${round} ${at}","embedding":"${vectors[at % 50]}"}`,
    );
    const objectId = await upload(dataset.name, gzipSync(lines.join('\n')));
    const { id } = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
    const deleted = new Promise<number>((resolve, reject) => {
      const following = client.datasets.followIngest.subscribe(
        { id },
        {
          onData: ({ data: { lineCount } }) => {
            if (lineCount === 0) return;
            following.unsubscribe();
            client.datasets.delete.mutate({ id: dataset.id }).then((gone) => resolve(Number(gone.id)), reject);
          },
          onError: reject,
        },
      );
    });
    expect(await deleted).toBe(dataset.id);
    await expect(client.datasets.getIngest.query({ id })).rejects.toMatchObject({ data: { reason: 'not_found' } });
  }
});

test('nothing of another workspace’s ingests is told, and neither its objects nor its datasets are read into', async () => {
  const stranger = await aStranger(nexus);
  const dataset = await aDatasetOf(client);
  const objectId = await upload(dataset.name, Buffer.from(`${line('only', 1)}\nno json`));
  const { id } = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  await followed(id);
  const theirs = await aDatasetOf(stranger);
  const calls = [
    stranger.datasets.ingest.mutate({ datasetId: theirs.id, objectId }),
    stranger.datasets.ingest.mutate({ datasetId: dataset.id, objectId }),
    stranger.datasets.ingests.query({ datasetId: dataset.id }),
    stranger.datasets.getIngest.query({ id }),
    stranger.datasets.refusals.query({ id }),
    stranger.datasets.versionHashes.query({ datasetId: dataset.id, version: 1 }),
    followIngest(stranger, id),
  ];
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ status: 'rejected', reason: { data: { reason: 'not_found' } } });
  }
});
