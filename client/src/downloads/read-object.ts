import { TransferError } from '../errors.ts';
import type { StoredObject } from '../generated/api.ts';
import { hashOf, newHashOf } from '../object-hash.ts';
import type { Hash } from '../platform/platform.ts';
import { meterOf } from '../progress.ts';
import { delayMsOf, type RetryOptions, retryAfterMsOf, wait } from '../retry.ts';
import type { Api, TransferOptions } from '../uploads/upload-file.ts';

/** An object by its id or its place. */
export type ObjectReference = string | { objectId: string } | { bucket: StoredObject['bucket']; key: string };

/** How bytes travel. */
export type DownloadOptions = Pick<TransferOptions, 'signal' | 'onProgress' | 'retry'> & {
  /** How many parts of 8 MiB travel at a time: 4, up to 16. So many are in memory at once. */
  concurrency?: number | undefined;
};

/** How bytes travel, and which of them. */
export type RangeOptions = DownloadOptions & {
  /** Bytes `from` up to, not including, `to`; a range of an object is not compared with its hash. */
  range?: { from?: number | undefined; to?: number | undefined } | undefined;
};

const urlSeconds = 3600;
const partBytes = 8 * 1024 * 1024;

/** The object that a reference names. Throws `not_found`. */
export async function findReferred(
  api: Api,
  reference: ObjectReference,
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  if (typeof reference === 'string') return api.objects.get.query({ id: reference }, { signal });
  if ('objectId' in reference) return api.objects.get.query({ id: reference.objectId }, { signal });
  const { bucket, key } = reference;
  let cursor: string | undefined;
  do {
    const page = await api.objects.list.query({ prefix: key, status: 'ready', limit: 200, cursor }, { signal });
    const object = page.items.find((item) => item.bucket === bucket && item.key === key);
    if (object) return object;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  throw new TransferError(`${bucket} has no ready object at ${key}; list objects to see what is there.`, {
    status: 404,
  });
}

/** Bytes that are already there, from the object's beginning, and the hash of them. */
export type Received = { hash: Hash; sizeBytes: number };

/**
 * Reads an object piece by piece from the store, several parts at a time, in their order. A connection that breaks off goes
 * on where it was; the whole object is compared with its hash, and the last piece is held back until it was. Throws
 * TransferError for other bytes.
 */
export async function* readObject(
  api: Api,
  object: StoredObject,
  options: RangeOptions,
  received?: Received,
): AsyncGenerator<Uint8Array> {
  const { signal, onProgress, range = {} } = options;
  const from = Math.min(object.sizeBytes, Math.max(0, range.from ?? 0));
  const to = Math.max(from, Math.min(object.sizeBytes, range.to ?? object.sizeBytes));
  const isWhole = from === 0 && to === object.sizeBytes;
  const hash = received?.hash ?? (await newHashOf(object));
  const tell = meterOf(onProgress, 'receiving', to - from);
  let receivedBytes = received?.sizeBytes ?? 0;
  const source = {
    api,
    object,
    options,
    url: sharedUrl(api, object, signal),
    onReceived(bytes: number) {
      receivedBytes += bytes;
      tell(receivedBytes);
    },
  };
  let held: Uint8Array | undefined;
  for await (const piece of readParts(source, { at: from + receivedBytes, to })) {
    signal?.throwIfAborted();
    if (held) yield held;
    held = piece;
    if (isWhole) hash.update(piece);
  }
  if (isWhole) refuseOtherBytes(object, hash.digest());
  if (held) yield held;
}

type Source = {
  api: Api;
  object: StoredObject;
  options: DownloadOptions;
  url: ReturnType<typeof sharedUrl>;
  onReceived: (bytes: number) => void;
};

/** One URL for all parts, until it has expired. */
function sharedUrl(api: Api, { id }: StoredObject, signal: AbortSignal | undefined) {
  let current: Promise<string> | undefined;
  return {
    get(): Promise<string> {
      current ??= api.objects.presign
        .mutate({ id, expirySeconds: urlSeconds }, repeatable(signal))
        .then(({ url }) => url);
      return current;
    },
    renew() {
      current = undefined;
    },
  };
}

/** Parts are asked for ahead and given out in their order; what is ahead is bounded by `concurrency`. */
async function* readParts(source: Source, { at: first, to }: { at: number; to: number }): AsyncGenerator<Uint8Array> {
  if (to - first <= partBytes) return yield* readRange(source, { at: first, to });
  const { concurrency = 4, signal } = source.options;
  const stop = new AbortController();
  const options = { ...source.options, signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal };
  const ahead: Promise<Uint8Array>[] = [];
  let next = first;
  const ask = () => {
    if (next >= to) return;
    const range = { at: next, to: Math.min(to, next + partBytes) };
    const part = readPart({ ...source, options }, range);
    // It is awaited in its turn, or never where an earlier one fails.
    part.catch(() => undefined);
    ahead.push(part);
    next = range.to;
  };
  try {
    for (let count = 0; count < Math.min(16, Math.max(1, concurrency)); count += 1) ask();
    for (let part = ahead.shift(); part; part = ahead.shift()) {
      const bytes = await part;
      ask();
      yield bytes;
    }
  } finally {
    stop.abort(new Error('The download has ended.'));
    await Promise.allSettled(ahead);
  }
}

async function readPart(source: Source, range: { at: number; to: number }): Promise<Uint8Array> {
  const part = new Uint8Array(range.to - range.at);
  let length = 0;
  for await (const piece of readRange(source, range)) {
    part.set(piece, length);
    length += piece.byteLength;
  }
  return part;
}

export class OtherBytesError extends TransferError {}

function refuseOtherBytes(object: StoredObject, hash: string): void {
  const expected = hashOf(object);
  if (hash === expected) return;
  const what = object.sha256 === null ? 'the SHA-256 of their parts’' : 'their SHA-256';
  throw new OtherBytesError(
    `The store sent other bytes of ${object.key} than were stored: ${what} is ${hash} instead of ${expected}. Download it again.`,
  );
}

async function* readRange(source: Source, range: { at: number; to: number }): AsyncGenerator<Uint8Array> {
  const { object, onReceived } = source;
  const { signal, retry } = source.options;
  const tries: RetryOptions = { maxAttempts: 6, firstDelayMs: 250, maxDelayMs: 10_000, ...retry };
  let { at } = range;
  let attempt = 0;
  while (at < range.to) {
    attempt += 1;
    const url = await source.url.get();
    let problem: { error: Error; retryAfterMs?: number | undefined };
    try {
      const headers = { range: `bytes=${at}-${range.to - 1}` };
      const response = await fetch(url, { headers, ...(signal && { signal }) });
      if (response.status === 206 || (response.status === 200 && at === 0 && range.to === object.sizeBytes)) {
        for await (const piece of piecesOf(response)) {
          if (at + piece.byteLength > range.to) {
            throw new TransferError(`The store sent more of ${object.key} than it was asked for.`);
          }
          onReceived(piece.byteLength);
          yield piece;
          at += piece.byteLength;
          attempt = 0;
        }
        problem = { error: new TransferError(`The store broke off ${object.key} after ${at} bytes.`) };
      } else {
        await response.body?.cancel();
        const { status } = response;
        const error = new TransferError(`The object store answered ${status} for ${object.key}.`, { status });
        if (status !== 403 && status !== 408 && status !== 429 && status < 500) throw error;
        // It may have expired.
        if (status === 403) source.url.renew();
        problem = { error, retryAfterMs: retryAfterMsOf(response.headers.get('retry-after')) };
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TransferError) throw error;
      problem = { error: new TransferError(`The object store broke off ${object.key}.`, { cause: error }) };
    }
    if (at >= range.to) return;
    if (attempt >= tries.maxAttempts) throw problem.error;
    await wait(delayMsOf(tries, Math.max(1, attempt), problem.retryAfterMs), signal);
  }
}

const repeatable = (signal: AbortSignal | undefined) => ({ signal, context: { isRepeatable: true } });

async function* piecesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // A consumer that stops early leaves no connection open.
    await reader.cancel().catch(() => undefined);
  }
}
