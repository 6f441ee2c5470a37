/**
 * 1 GiB from a file to the object store until it is ready there: by `nexus.uploads.file` (the parts hashed in as many threads
 * as there are cores, sent, and each checked by the store as it arrives) beside the same bytes by others, to the same store,
 * in turn, several times; ratios are those of the medians:
 * - `mc cp`, MinIO's own client, where MC is the path of one and S3_ENDPOINT names a store;
 * - parallel PUTs of presigned parts, of the same size and as many at a time, by undici, each hashed and signed for its
 *   SHA-256, as S3's own clients send them where there is no TLS;
 * - the same bare, by fetch and by undici: nobody hashes or checks a byte. On two cores, which are busy all the time, that is
 *   out of reach for whoever proves what arrived: of some 5.5 s of processor time a GiB by MinIO, 0.6 s are the client's
 *   hash and 0.6 s the store's check of it.
 * And how much the server's memory rises meanwhile. Goals: 0.9, and 32 MiB. The store is the one that S3_ENDPOINT,
 * S3_ACCESS_KEY and S3_SECRET_KEY name (`bash .ci/s3.sh` starts two), or the embedded one in a process of its own.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

type Part = { url: string; headers: Record<string, string> };
type Send = (part: Part, body: Buffer) => Promise<{ status: number; etag: string }>;

const byFetch: Send = async ({ url, headers }, body) => {
  const response = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) });
  await response.arrayBuffer();
  return { status: response.status, etag: response.headers.get('etag') ?? '' };
};
const byUndici: Send = async ({ url, headers }, body) => {
  const response = await request(url, { method: 'PUT', headers, body });
  await response.body.dump();
  return { status: response.statusCode, etag: String(response.headers.etag) };
};

async function puts(send: Send, { isHashed }: { isHashed: boolean }): Promise<number> {
  const key = `bench/${randomUUID()}`;
  const startedAt = performance.now();
  const uploadId = await objects.beginMultipart(bucket, key, 'application/octet-stream', { hasSha256: isHashed });
  const parts: { partNumber: number; etag: string; sizeBytes: number; sha256?: string | undefined }[] = [];
  let next = 0;
  const work = async () => {
    for (let part = next++; part < partCount; part = next++) {
      const { buffer } = await file.read(Buffer.allocUnsafe(partBytes), 0, partBytes, part * partBytes);
      const partNumber = part + 1;
      const sha256 = isHashed ? createHash('sha256').update(buffer).digest('hex') : undefined;
      const body = isHashed ? { sizeBytes: partBytes, sha256 } : undefined;
      const presigned = await objects.presignPart(bucket, key, { uploadId, partNumber }, 3600, body);
      const { status, etag } = await send(presigned, buffer);
      if (status !== 200) throw new Error(`The store answered ${status}.`);
      parts.push({ partNumber, etag: etag.replaceAll('"', ''), sizeBytes: partBytes, sha256 });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const inOrder = parts.toSorted((a, b) => a.partNumber - b.partNumber);
  await objects.completeMultipart(bucket, key, uploadId, inOrder);
  const seconds = (performance.now() - startedAt) / 1000;
  await objects.remove(bucket, [key]);
  return seconds;
}

async function byMc(mc: string): Promise<number> {
  const { protocol, host } = new URL(store.endpoint);
  const env = {
    ...process.env,
    MC_CONFIG_DIR: folder,
    MC_HOST_store: `${protocol}//${store.accessKey}:${store.secretKey}@${host}`,
  };
  const key = `bench/${randomUUID()}`;
  const startedAt = performance.now();
  await promisify(execFile)(mc, ['cp', '--quiet', path, `store/${bucket}/${key}`], { env });
  const seconds = (performance.now() - startedAt) / 1000;
  await objects.remove(bucket, [key]);
  return seconds;
}

const { MC, S3_ENDPOINT } = process.env;
const references: Record<string, () => Promise<number>> = {
  ...(MC && S3_ENDPOINT && { 'mc cp': () => byMc(MC) }),
  'PUTs hashed and signed, by undici': () => puts(byUndici, { isHashed: true }),
  'bare PUTs by fetch': () => puts(byFetch, { isHashed: false }),
  'bare PUTs by undici': () => puts(byUndici, { isHashed: false }),
};

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rateOf = (seconds: number) => `${seconds.toFixed(2)} s, ${((partCount * 16) / seconds).toFixed(0)} MiB/s`;

const measured = { ours: [] as number[], risen: [] as number[] };
const theirs = new Map(Object.keys(references).map((name): [string, number[]] => [name, []]));
// The first is for whatever is compiled, allocated and connected once.
for (let round = 0; round <= rounds; round += 1) {
  await renewed(file);
  const one = await ours();
  if (round > 0) {
    measured.ours.push(one.seconds);
    measured.risen.push(one.risenMiB);
  }
  await renewed(file);
  for (const [name, send] of Object.entries(references)) {
    const seconds = await send();
    if (round > 0) theirs.get(name)?.push(seconds);
  }
}
const mine = median(measured.ours);
process.stdout.write(`nexus.uploads.file: ${rateOf(mine)}\n`);
for (const [name, seconds] of theirs) {
  const reference = median(seconds);
  process.stdout.write(`${name}: ${rateOf(reference)}, ratio ${(reference / mine).toFixed(2)} (goal 0.9)\n`);
}
process.stdout.write(`the server's memory rose by ${Math.max(...measured.risen).toFixed(0)} MiB (goal 32)\n`);
