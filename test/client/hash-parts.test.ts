import { createHash, randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { platform } from '../../client/src/platform/node.ts';
import { hashSource } from '../../client/src/uploads/hash-source.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const mebibyte = 1024 * 1024;
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Four parts and a rest, which threads hash. */
const bytes = randomBytes(64 * mebibyte + 1234);

async function aFile() {
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'large.bin');
  await writeFile(path, bytes);
  return { path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}
const never = new AbortController().signal;

test('a large file has the hashes of its parts, and tells how far it is', async () => {
  await using file = await aFile();
  const source = await platform.openFile(file.path);
  expect(source.partSha256s).toBeDefined();
  const told: number[] = [];
  const hashes = await hashSource(source, never, (doneBytes) => told.push(doneBytes));
  await source.close();
  const parts = [0, 1, 2, 3, 4].map((part) => bytes.subarray(part * 16 * mebibyte, (part + 1) * 16 * mebibyte));
  expect(hashes).toEqual({ partSha256s: parts.map(sha256Of) });
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(told.at(-1)).toBe(bytes.length);
});

test('the hashing of a large file ends with its signal, and the file can be closed at once', async () => {
  await using file = await aFile();
  const source = await platform.openFile(file.path);
  const controller = new AbortController();
  const reason = new Error('That is enough.');
  const hashing = hashSource(source, controller.signal, () => controller.abort(reason));
  await expect(hashing).rejects.toBe(reason);
  await source.close();
  await expect(hashSource(source, controller.signal, () => undefined)).rejects.toBe(reason);
});

test('a file that becomes shorter while it is hashed has as many hashes, of what is left', async () => {
  await using file = await aFile();
  const source = await platform.openFile(file.path);
  const handle = await open(file.path, 'r+');
  await handle.truncate(1000);
  const { partSha256s } = await hashSource(source, never, () => undefined);
  await Promise.all([source.close(), handle.close()]);
  const nothing = sha256Of(new Uint8Array());
  expect(partSha256s).toEqual([sha256Of(bytes.subarray(0, 1000)), nothing, nothing, nothing, nothing]);
});
