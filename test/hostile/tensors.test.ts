import { createHash, randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withHeader } from '../support/adapter-files.ts';
import { answeredMeanwhile } from '../support/answered-meanwhile.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { aStranger } from '../support/people.ts';

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

/** As many tensors as a header of 25 MiB holds, of one byte each. */
function aGreatHeader(): { file: Uint8Array<ArrayBuffer>; count: number } {
  const entries: string[] = [];
  for (let bytes = 0; bytes < 25 * 1024 * 1024 - 200; bytes += (entries.at(-1)?.length ?? 0) + 1) {
    const at = entries.length;
    entries.push(`"t${at}":{"dtype":"U8","shape":[1],"data_offsets":[${at},${at + 1}]}`);
  }
  return { file: withHeader(`{${entries.join(',')}}`, entries.length), count: entries.length };
}

async function uploaded(file: Uint8Array<ArrayBuffer>): Promise<string> {
  const { object, upload } = await client.objects.begin.mutate({
    kind: 'artifact',
    name: `${randomUUID()}.safetensors`,
    sizeBytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
  });
  if (upload?.method !== 'parts') throw new Error('It goes in parts.');
  for (const { partNumber, url, headers } of upload.parts) {
    const from = (partNumber - 1) * upload.partSizeBytes;
    await fetch(url, { method: 'PUT', headers, body: file.subarray(from, from + upload.partSizeBytes) });
  }
  await client.objects.complete.mutate({ id: object.id });
  return object.id;
}

test('the largest header is read once, in pages, however many ask, and others are answered meanwhile', async () => {
  const { file, count } = aGreatHeader();
  const id = await answeredMeanwhile(good, () => uploaded(file));
  const pages = await answeredMeanwhile(good, () =>
    Promise.all(
      Array.from({ length: 60 }, (_, at) => client.objects.tensors.query({ id, offset: at * 997 + 500, limit: 1000 })),
    ),
  );
  for (const [at, { tensorCount, tensors, nextOffset }] of pages.entries()) {
    expect(tensorCount).toBe(count);
    expect(tensors.map(({ name }) => name)).toEqual(
      Array.from({ length: 1000 }, (_, place) => `t${at * 997 + 500 + place}`),
    );
    expect(nextOffset).toBe(at * 997 + 1500);
  }
  const last = await client.objects.tensors.query({ id, offset: count - 3, limit: 1000 });
  expect(last.tensors).toHaveLength(3);
  expect(last.nextOffset).toBeNull();
  expect((await client.objects.tensors.query({ id, offset: count + 5 })).tensors).toEqual([]);
});
