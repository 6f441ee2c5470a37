import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextPoll } from 'node:timers/promises';
import { type NexusClient, type StoredObject, TransferError, type TransferProgress } from '@topology-nexus/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { startNexus } from '../support/nexus.ts';
import { startStoreProxy, times } from '../support/store-proxy.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const mebibyte = 1024 * 1024;
const large = new Uint8Array(randomBytes(20 * mebibyte));
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const retry = { firstDelayMs: 1, maxDelayMs: 5 };
const isGet = (request: string) => request.startsWith('GET ');

let opened: AsyncDisposableStack;
let proxy: Awaited<ReturnType<typeof startStoreProxy>>;
let nexus: NexusClient;
let folder: string;
/** `object` has known hashes of its parts; `whole`, the same bytes but one, has a known hash of the whole too. */
let object: StoredObject;
let whole: StoredObject;
beforeAll(async () => {
  await using stack = new AsyncDisposableStack();
  folder = stack.use(await temporaryDirectory()).path;
  const keys = { accessKey: randomUUID(), secretKey: randomUUID() };
  const store = stack.use(await startEmbeddedObjects({ directory: join(folder, 's3'), ...keys }));
  proxy = stack.use(await startStoreProxy(store.endpoint));
  const server = stack.use(
    await startNexus({
      S3_ENDPOINT: store.endpoint,
      S3_PUBLIC_ENDPOINT: proxy.url,
      S3_ACCESS_KEY: keys.accessKey,
      S3_SECRET_KEY: keys.secretKey,
    }),
  );
  nexus = server.as(server.token);
  const upload = (bytes: Uint8Array, sha256?: string) =>
    nexus.uploads.file(bytes, { kind: 'artifact', name: `${randomUUID()}.bin`, sha256 });
  object = await upload(large);
  const other = large.slice(0, -1);
  whole = await upload(other, sha256Of(other));
  opened = stack.move();
});
afterAll(async () => opened.disposeAsync());
beforeEach(() => proxy.reset());

const rejection = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
/** Waits until the store was asked so often. */
async function asked(count: number): Promise<void> {
  for (let poll = 0; proxy.requests.length < count && poll < 1000; poll += 1) await nextPoll(5);
}
const aPath = () => join(folder, randomUUID());

test('an object is named by its id or by its place, and comes whole', async () => {
  const { id: objectId, bucket, key } = object;
  for (const reference of [objectId, { objectId }, { bucket, key }]) {
    expect(sha256Of(await nexus.downloads.bytes(reference))).toBe(sha256Of(large));
  }
  expect(await rejection(nexus.downloads.bytes({ bucket, key: `${key}-none` }))).toMatchObject({ status: 404 });
});

test('a range of an object is exactly its bytes, and ends where the object does', async () => {
  const read = (range: { from?: number; to?: number }) => nexus.downloads.bytes(object.id, { range });
  expect(await read({ from: 1000, to: 3000 })).toEqual(large.slice(1000, 3000));
  expect(await read({ from: large.length - 10 })).toEqual(large.slice(-10));
  expect(await read({ from: large.length - 10, to: large.length + 99 })).toEqual(large.slice(-10));
  expect(await read({ from: 5, to: 5 })).toHaveLength(0);
});

test('a stream whose connection breaks goes on where it was', async () => {
  for (const concurrency of [1, 4]) {
    proxy.reset({ breaksAnswer: times(3, isGet) });
    const pieces: Uint8Array[] = [];
    for await (const piece of nexus.downloads.stream(object.id, { retry, concurrency })) pieces.push(piece);
    expect(sha256Of(Buffer.concat(pieces))).toBe(sha256Of(large));
    // Three parts, and each that broke once more.
    expect(proxy.requests).toHaveLength(6);
  }
});

test('parts of an object travel at the same time, no more than are asked for, and all of them end with the signal', async () => {
  for (const [concurrency, most] of [
    [1, 1],
    [2, 2],
    [16, 3],
  ] as const) {
    proxy.reset({ stalls: isGet });
    const controller = new AbortController();
    const reading = rejection(nexus.downloads.bytes(object.id, { concurrency, signal: controller.signal, retry }));
    await asked(most);
    controller.abort(new Error('That is enough.'));
    expect(await reading).toBe(controller.signal.reason);
    expect(proxy.requests).toHaveLength(most);
  }
});

test('a part that the store refuses for a while is asked for again after the time that it names', async () => {
  // Without the header it would be an hour.
  const patient = { maxAttempts: 3, firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
  for (const [status, code] of [
    [503, 'SlowDown'],
    [403, 'AccessDenied'],
  ] as const) {
    const isFirst = times(2, isGet);
    proxy.reset({ answers: (request) => (isFirst(request) ? { status, code, retryAfter: '0' } : undefined) });
    expect(sha256Of(await nexus.downloads.bytes(object.id, { retry: patient }))).toBe(sha256Of(large));
    expect(proxy.requests).toHaveLength(5);
  }
});

test('other bytes than were stored are refused, and none of them is left in a file', async () => {
  for (const { id, sha256, partsSha256 } of [object, whole]) {
    proxy.reset({ corrupts: isGet });
    const error = await rejection(nexus.downloads.bytes(id));
    expect(error).toBeInstanceOf(TransferError);
    expect(String(error)).toContain(sha256 ?? partsSha256);
    const path = aPath();
    expect(await rejection(nexus.downloads.file(id, path))).toBeInstanceOf(TransferError);
    await expect(stat(path)).rejects.toThrow('ENOENT');
    expect((await stat(`${path}.part`)).size).toBe(0);
    proxy.reset();
    await nexus.downloads.file(id, path);
    expect((await readFile(path)).equals(large.subarray(0, sha256 ? -1 : undefined))).toBe(true);
  }
});

test('an object that was changed in the store is refused, also where the hashes of its parts alone are known', async () => {
  expect([object.sha256, typeof whole.sha256]).toEqual([null, 'string']);
  const files = await readdir(join(folder, 's3'), { recursive: true, withFileTypes: true });
  for (const { id, sizeBytes } of [object, whole]) {
    let changed = 0;
    for (const { parentPath, name } of files.filter((file) => file.isFile())) {
      await using file = await open(join(parentPath, name), 'r+');
      // The store keeps the parts as they came; this is the second.
      if ((await file.stat()).size !== sizeBytes - 16 * mebibyte) continue;
      await file.write(new Uint8Array([(large[16 * mebibyte] ?? 0) ^ 1]), 0, 1, 0);
      changed += 1;
      expect(await rejection(nexus.downloads.bytes(id))).toBeInstanceOf(TransferError);
      await file.write(large, 16 * mebibyte, 1, 0);
    }
    expect(changed).toBe(1);
    expect(await nexus.downloads.bytes(id)).toHaveLength(sizeBytes);
  }
});

test('a file has its name only when it is whole, and a download that was ended goes on where it was', async () => {
  const path = aPath();
  const controller = new AbortController();
  const onProgress = ({ doneBytes }: TransferProgress) => {
    if (doneBytes > 0) controller.abort();
  };
  proxy.reset({ breaksAnswer: isGet });
  const ended = nexus.downloads.file(object.id, path, { signal: controller.signal, onProgress, retry });
  expect(await rejection(ended)).toBe(controller.signal.reason);
  await expect(stat(path)).rejects.toThrow('ENOENT');
  await writeFile(`${path}.part`, large.subarray(0, 7_000_000));
  proxy.reset();
  expect(await nexus.downloads.file(object.id, path)).toEqual(object);
  expect(sha256Of(await readFile(path))).toBe(sha256Of(large));
  await expect(stat(`${path}.part`)).rejects.toThrow('ENOENT');
});

test('a store that answers nothing is given up after its attempts', async () => {
  proxy.reset({ refuses: isGet });
  const error = await rejection(
    nexus.downloads.bytes(object.id, { concurrency: 1, retry: { ...retry, maxAttempts: 3 } }),
  );
  expect(error).toBeInstanceOf(TransferError);
  expect(proxy.requests).toHaveLength(3);
});

test('progress counts up to the whole', async () => {
  const told: TransferProgress[] = [];
  await nexus.downloads.bytes(object.id, { onProgress: (progress) => told.push(progress) });
  expect(told.at(-1)).toMatchObject({ phase: 'receiving', doneBytes: large.length, totalBytes: large.length });
});
