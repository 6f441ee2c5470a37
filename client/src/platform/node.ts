import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { hashParts } from './hash-parts.ts';
import type { Bytes, Platform, PutAnswer, PutRequest } from './platform.ts';

const mebibyte = 1024 * 1024;
/** A connection on which nothing moves for so long is given up. */
const silenceMs = 120_000;
/** From here on threads of their own are worth their start. */
const threadedBytes = 64 * mebibyte;
const maxAnswerChars = 4_096;

const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

/** Node, and what is like it. `node:http` sends bytes at a fifth of what `fetch` needs of the processor. */
export const platform: Platform = {
  async openFile(path) {
    const name = pathOf(path);
    const file = await open(name);
    return bytesOf(file, { name: basename(name), sizeBytes: (await file.stat()).size, close: () => file.close() });
  },

  async keepStream(stream, signal) {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-upload-'));
    const remove = () => rm(folder, { recursive: true, force: true });
    try {
      const path = join(folder, 'bytes');
      await pipeline(stream, createWriteStream(path, { mode: 0o600 }), { signal });
      const file = await open(path);
      const close = async () => {
        await file.close();
        await remove();
      };
      return bytesOf(file, { sizeBytes: (await file.stat()).size, close });
    } catch (error) {
      await remove();
      throw error;
    }
  },

  async newSha256() {
    let hash = createHash('sha256');
    return {
      update: (piece) => void hash.update(piece),
      digest() {
        const hex = hash.digest('hex');
        hash = createHash('sha256');
        return hex;
      },
    };
  },

  put,

  async createFile(path) {
    const name = pathOf(path);
    const partial = `${name}.part`;
    const file = await open(partial, 'a+');
    const sizeBytes = async () => (await file.stat()).size;
    const size = await sizeBytes();
    return {
      async write(piece) {
        await file.appendFile(piece);
      },
      bytes: () => bytesOf(file, { sizeBytes: size, close: async () => undefined }),
      sizeBytes,
      truncate: () => file.truncate(0),
      async finish() {
        await file.sync();
        await file.close();
        await rename(partial, name);
      },
      close: () => file.close(),
    };
  },
};

const pathOf = (path: string | URL) => (typeof path === 'string' ? path : fileURLToPath(path));

function bytesOf(
  file: FileHandle,
  { name, sizeBytes, close }: { name?: string; sizeBytes: number; close: () => Promise<void> },
): Bytes {
  return {
    sizeBytes,
    name,
    pieces: (from, to, pieceBytes = mebibyte) => readPieces(file, { from, to, pieceBytes }),
    partSha256s:
      sizeBytes < threadedBytes
        ? undefined
        : (partSizeBytes, signal, onHashed) => hashParts({ fd: file.fd, sizeBytes }, partSizeBytes, signal, onHashed),
    close,
  };
}

/** The next piece is read while the caller has the last, in two buffers that are used in turn. */
async function* readPieces(
  file: FileHandle,
  { from, to, pieceBytes }: { from: number; to: number; pieceBytes: number },
): AsyncGenerator<Uint8Array> {
  // Fresh memory for each piece would cost as much as reading it.
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.max(1, Math.min(pieceBytes, to - from))));
  const read = async (at: number) => {
    buffers.reverse();
    const [buffer = Buffer.alloc(0)] = buffers;
    const wanted = Math.min(pieceBytes, to - at);
    let length = 0;
    while (length < wanted) {
      const { bytesRead } = await file.read(buffer, length, wanted - length, at + length);
      // The file has become shorter: whoever counts the bytes says so.
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  };
  let reading = from < to ? read(from) : undefined;
  for (let at = from; reading; ) {
    const piece = await reading;
    if (piece.length === 0) return;
    at += piece.length;
    reading = at < to ? read(at) : undefined;
    // A consumer that stops early never awaits it.
    reading?.catch(() => undefined);
    yield piece;
  }
}

async function put({ url, headers, bytes, from, to, signal, onSent }: PutRequest): Promise<PutAnswer> {
  signal.throwIfAborted();
  const isSecure = url.startsWith('https:');
  const request = (isSecure ? https : http).request(url, {
    method: 'PUT',
    agent: agents[isSecure ? 'https:' : 'http:'],
    headers: { ...headers, 'content-length': String(to - from) },
    signal,
  });
  request.setTimeout(silenceMs, () => request.destroy(new Error(`The store was silent for ${silenceMs} ms.`)));
  const answered = answerOf(request);
  const sending = send(request, bytes.pieces(from, to), to - from, onSent);
  try {
    // A store that refuses answers before it has the whole body.
    const answer = await Promise.race([answered, sending.then(() => answered)]);
    return answer;
  } finally {
    sending.catch(() => undefined);
    if (!request.writableFinished) request.destroy();
  }
}

async function send(
  request: http.ClientRequest,
  pieces: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  onSent: (sentBytes: number) => void,
): Promise<void> {
  let sentBytes = 0;
  for await (const piece of pieces) {
    if (request.destroyed) return;
    await new Promise<void>((resolve, reject) => {
      request.write(piece, (error) => (error ? reject(error) : resolve()));
    });
    sentBytes += piece.length;
    onSent(sentBytes);
  }
  if (sentBytes !== sizeBytes) {
    throw new Error(`The source has become shorter while it was sent: ${sentBytes} bytes are left of ${sizeBytes}.`);
  }
  request.end();
}

function answerOf(request: http.ClientRequest): Promise<PutAnswer> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        if (text.length < maxAnswerChars) text += piece;
      });
      response.once('error', reject);
      // Before its close: where the store answers early and hangs up, what is still being sent fails meanwhile.
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
      });
      response.once('close', () => reject(new Error('The store broke off in the middle of its answer.')));
    });
  });
}
