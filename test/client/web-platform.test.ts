import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { bytesOfArray, bytesOfBlob } from '../../client/src/platform/blob-bytes.ts';
import { platform } from '../../client/src/platform/web.ts';
import { besideThisThread, inPieces } from '../../client/src/uploads/hash-source.ts';

const bytes = new Uint8Array(randomBytes(3_000_000));
const signal = new AbortController().signal;

test('a browser hashes piece by piece to the same SHA-256', async () => {
  const hash = await platform.newSha256();
  for await (const piece of bytesOfBlob(new Blob([bytes])).pieces(0, bytes.length)) hash.update(piece);
  expect(hash.digest()).toBe(createHash('sha256').update(bytes).digest('hex'));
  // And the next bytes with it.
  hash.update(bytes.subarray(0, 1000));
  expect(hash.digest()).toBe(createHash('sha256').update(bytes.subarray(0, 1000)).digest('hex'));
});

test('a browser sends exactly the part that is meant, by fetch where there is no XMLHttpRequest', async () => {
  const received: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on('data', (piece: Buffer) => received.push(piece));
    request.on('end', () => response.writeHead(503, { 'retry-after': '7' }).end('<Code>SlowDown</Code>'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const part = { bytes: bytesOfArray(bytes), from: 1000, to: 2_000_000, headers: {}, signal, onSent: () => undefined };
  const answer = await platform.put({ ...part, url: `http://127.0.0.1:${port}/` });
  server.close();
  expect(answer).toEqual({ status: 503, retryAfter: '7', text: '<Code>SlowDown</Code>' });
  expect(Buffer.concat(received).equals(bytes.subarray(1000, 2_000_000))).toBe(true);
});

test('a browser keeps a stream in a Blob, and says that it has no paths', async () => {
  const kept = await platform.keepStream(new Blob([bytes]).stream(), signal);
  expect(kept.sizeBytes).toBe(bytes.length);
  await expect(platform.openFile('a.bin')).rejects.toThrow('give a File, a Blob or bytes');
});

test('parts too large to hash in one go have the hashes of their own bytes', async () => {
  const partSizeBytes = 1024 * 1024;
  const expected = [0, 1, 2].map((part) =>
    createHash('sha256')
      .update(bytes.subarray(part * partSizeBytes, (part + 1) * partSizeBytes))
      .digest('hex'),
  );
  for (const hasher of [besideThisThread(partSizeBytes), inPieces(partSizeBytes, await platform.newSha256())]) {
    for await (const piece of bytesOfArray(bytes).pieces(0, bytes.length, hasher.pieceBytes))
      await hasher.update(piece);
    expect(await hasher.digests()).toEqual(expected);
  }
});
