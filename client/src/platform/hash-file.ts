import { Worker } from 'node:worker_threads';
import type { Hashes } from './platform.ts';

const pieceBytes = 1024 * 1024;
const tellBytes = 16 * pieceBytes;

/** Reads a file that is open in this process, part by part; CommonJS, for it is no module of its own to any bundler. */
const hasher = `
const { createHash } = require('node:crypto');
const { readSync } = require('node:fs');
const { parentPort, workerData: { fd, sizeBytes, partSizeBytes } } = require('node:worker_threads');
const piece = Buffer.allocUnsafeSlow(${pieceBytes});
const digests = [];
let [hash, at, inPart, toldAt] = [createHash('sha256'), 0, 0, 0];
while (at < sizeBytes) {
  const length = readSync(fd, piece, 0, Math.min(piece.length, sizeBytes - at, partSizeBytes - inPart), at);
  // The file has become shorter: whoever sends it says so.
  if (length === 0) break;
  hash.update(piece.subarray(0, length));
  at += length;
  inPart += length;
  if (inPart === partSizeBytes) {
    digests.push(hash.digest('hex'));
    [hash, inPart] = [createHash('sha256'), 0];
  }
  if (at - toldAt >= ${tellBytes}) parentPort.postMessage({ doneBytes: (toldAt = at) });
}
if (inPart > 0) digests.push(hash.digest('hex'));
parentPort.postMessage({ doneBytes: at, digests });
`;

type File = { fd: number; sizeBytes: number };
type Told = { doneBytes: number; digests?: string[] };

/**
 * The SHA-256 of a file and of each of its parts, in two threads that each read it: as fast as one core hashes, and without
 * holding up this one. Rejects with the signal's reason when aborted; the threads are gone then.
 */
export async function hashFile(
  file: File,
  partSizeBytes: number,
  signal: AbortSignal,
  onHashed: (doneBytes: number) => void,
): Promise<Hashes> {
  signal.throwIfAborted();
  const done = { whole: 0, parts: 0 };
  const tell = (changed: Partial<typeof done>) => {
    Object.assign(done, changed);
    onHashed(Math.min(done.whole, done.parts));
  };
  const threads = [
    startThread(file, file.sizeBytes, (whole) => tell({ whole })),
    startThread(file, partSizeBytes, (parts) => tell({ parts })),
  ] as const;
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    const [[sha256 = ''], partSha256s] = await Promise.race([
      Promise.all([threads[0].digests, threads[1].digests]),
      stopped,
    ]);
    return { sha256, partSha256s };
  } finally {
    // Before the caller closes the file, whose number another file may have then.
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}

function startThread({ fd, sizeBytes }: File, partSizeBytes: number, onDone: (doneBytes: number) => void) {
  const worker = new Worker(hasher, { eval: true, execArgv: [], workerData: { fd, sizeBytes, partSizeBytes } });
  const digests = new Promise<string[]>((resolve, reject) => {
    worker.on('message', ({ doneBytes, digests: all }: Told) => {
      onDone(doneBytes);
      if (all) resolve(all);
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The thread that hashes the file has ended.')));
  });
  // Where the other one fails first, nobody awaits it.
  digests.catch(() => undefined);
  return { worker, digests };
}
