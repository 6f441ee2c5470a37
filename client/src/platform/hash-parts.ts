import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

const pieceBytes = 1024 * 1024;
const maxThreads = 4;

/**
 * Takes one part after the other of a file that is open in this process, until none is left; CommonJS, for it is no module
 * of its own to any bundler.
 */
const hasher = `
const { createHash } = require('node:crypto');
const { readSync } = require('node:fs');
const { parentPort, workerData: { fd, sizeBytes, partSizeBytes, taken } } = require('node:worker_threads');
const piece = Buffer.allocUnsafeSlow(${pieceBytes});
for (;;) {
  const part = Atomics.add(taken, 0, 1);
  const [from, to] = [part * partSizeBytes, Math.min(sizeBytes, (part + 1) * partSizeBytes)];
  if (from >= sizeBytes) break;
  const hash = createHash('sha256');
  for (let at = from; at < to; ) {
    const length = readSync(fd, piece, 0, Math.min(piece.length, to - at), at);
    // The file has become shorter: whoever sends it says so.
    if (length === 0) break;
    hash.update(piece.subarray(0, length));
    at += length;
  }
  parentPort.postMessage({ part, doneBytes: to - from, sha256: hash.digest('hex') });
}
`;

type File = { fd: number; sizeBytes: number };
type Done = { part: number; doneBytes: number; sha256: string };

/**
 * The SHA-256 of each part of a file, in as many threads as there are cores, up to four, without holding up this one.
 * Rejects with the signal's reason when aborted; the threads are gone then.
 */
export async function hashParts(
  file: File,
  partSizeBytes: number,
  signal: AbortSignal,
  onHashed: (doneBytes: number) => void,
): Promise<string[]> {
  signal.throwIfAborted();
  const sha256s: string[] = [];
  let hashedBytes = 0;
  const onDone = ({ part, doneBytes, sha256 }: Done) => {
    sha256s[part] = sha256;
    hashedBytes += doneBytes;
    onHashed(hashedBytes);
  };
  const workerData = { ...file, partSizeBytes, taken: new Int32Array(new SharedArrayBuffer(4)) };
  const threadCount = Math.min(maxThreads, availableParallelism());
  const threads = Array.from({ length: threadCount }, () => startThread(workerData, onDone));
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    await Promise.race([Promise.all(threads.map(({ ended }) => ended)), stopped]);
    return sha256s;
  } finally {
    // Before the caller closes the file, whose number another file may have then.
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}

function startThread(workerData: unknown, onDone: (done: Done) => void) {
  const worker = new Worker(hasher, { eval: true, execArgv: [], workerData });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on('message', onDone);
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`A thread that hashes ended by ${code}.`)),
    );
  });
  // Where another one fails first, nobody awaits it.
  ended.catch(() => undefined);
  return { worker, ended };
}
