/**
 * 1 GiB from a file to the object store until it is ready there: by `nexus.uploads.file` (hashed, sent in parts, checked)
 * beside bare parallel PUTs of presigned parts that nobody hashes or checks, by fetch and by undici, of the same part size
 * and as many at a time, to the same store, in turn, several times; ratios are those of the medians. And how much the
 * server's memory rises meanwhile. Goals: 0.9, and 32 MiB. The store is the one that S3_ENDPOINT, S3_ACCESS_KEY and
 * S3_SECRET_KEY name (`bash .ci/s3.sh` starts two), or the embedded one in a process of its own.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNexusClient } from '@topology-nexus/client';
import { request } from 'undici';
import { openObjects } from '../server/stores/objects.ts';
import { objectStoreOf } from './support/objects.ts';
import { residentMiBOf, startServerProcess } from './support/server.ts';

const mebibyte = 1024 * 1024;
const partBytes = 16 * mebibyte;
const partCount = 64;
const concurrency = 4;
const rounds = 3;
const bucket = 'topology-artifacts';

await using opened = new AsyncDisposableStack();
const store = await objectStoreOf(opened);
const server = opened.use(
  await startServerProcess({
    S3_ENDPOINT: store.endpoint,
    S3_PUBLIC_ENDPOINT: store.endpoint,
    S3_ACCESS_KEY: store.accessKey,
    S3_SECRET_KEY: store.secretKey,
  }),
);
const nexus = createNexusClient(server);
const objects = openObjects({ ...store, publicEndpoint: store.endpoint, region: process.env.S3_REGION ?? 'us-east-1' });
const folder = mkdtempSync(join(tmpdir(), 'nexus-bench-file-'));
opened.defer(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, '1-gib.bin');
const file = await open(path, 'w+');
opened.defer(() => file.close());
for (let part = 0; part < partCount; part += 1) await file.write(Buffer.alloc(partBytes, randomUUID()));

/** Makes every part another one than it was: the same bytes would not be sent again. */
async function renewed(handle: FileHandle): Promise<void> {
  for (let part = 0; part < partCount; part += 1)
    await handle.write(Buffer.from(randomUUID()), 0, 36, part * partBytes);
}

const residentMiB = () => residentMiBOf(server.pid);

async function ours(): Promise<{ seconds: number; risenMiB: number }> {
  const before = residentMiB();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentMiB());
  }, 20);
  const startedAt = performance.now();
  const object = await nexus.uploads.file(path, { kind: 'artifact', name: `bench/${randomUUID()}`, concurrency });
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(timer);
  await nexus.objects.delete.mutate({ id: object.id });
  return { seconds, risenMiB: most - before };
}

type Send = (url: string, body: Buffer) => Promise<{ status: number; etag: string }>;

const byFetch: Send = async (url, body) => {
  const response = await fetch(url, { method: 'PUT', body: new Uint8Array(body) });
  await response.arrayBuffer();
  return { status: response.status, etag: response.headers.get('etag') ?? '' };
};
const byUndici: Send = async (url, body) => {
  const response = await request(url, { method: 'PUT', body });
  await response.body.dump();
  return { status: response.statusCode, etag: String(response.headers.etag) };
};

async function bare(send: Send): Promise<number> {
  const key = `bench/${randomUUID()}`;
  const startedAt = performance.now();
  const uploadId = await objects.beginMultipart(bucket, key, 'application/octet-stream');
  const parts: { partNumber: number; etag: string; sizeBytes: number }[] = [];
  let next = 0;
  const work = async () => {
    for (let part = next++; part < partCount; part = next++) {
      const { buffer } = await file.read(Buffer.allocUnsafe(partBytes), 0, partBytes, part * partBytes);
      const partNumber = part + 1;
      const { url } = await objects.presignPart(bucket, key, { uploadId, partNumber }, 3600);
      const { status, etag } = await send(url, buffer);
      if (status !== 200) throw new Error(`The store answered ${status}.`);
      parts.push({ partNumber, etag: etag.replaceAll('"', ''), sizeBytes: partBytes });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const inOrder = parts.toSorted((a, b) => a.partNumber - b.partNumber);
  await objects.completeMultipart(bucket, key, uploadId, inOrder);
  const seconds = (performance.now() - startedAt) / 1000;
  await objects.remove(bucket, [key]);
  return seconds;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rateOf = (seconds: number) => `${seconds.toFixed(2)} s, ${((partCount * 16) / seconds).toFixed(0)} MiB/s`;

const measured = { ours: [] as number[], fetch: [] as number[], undici: [] as number[], risen: [] as number[] };
// The first is for whatever is compiled, allocated and connected once.
for (let round = 0; round <= rounds; round += 1) {
  await renewed(file);
  const one = await ours();
  await renewed(file);
  const [fetched, requested] = [await bare(byFetch), await bare(byUndici)];
  if (round === 0) continue;
  measured.ours.push(one.seconds);
  measured.risen.push(one.risenMiB);
  measured.fetch.push(fetched);
  measured.undici.push(requested);
}
const mine = median(measured.ours);
process.stdout.write(`nexus.uploads.file: ${rateOf(mine)}\n`);
for (const name of ['fetch', 'undici'] as const) {
  const reference = median(measured[name]);
  process.stdout.write(
    `bare PUTs by ${name}: ${rateOf(reference)}, ratio ${(reference / mine).toFixed(2)} (goal 0.9)\n`,
  );
}
process.stdout.write(`the server's memory rose by ${Math.max(...measured.risen).toFixed(0)} MiB (goal 32)\n`);
