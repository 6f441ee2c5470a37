import type { TRPCClient } from '@trpc/client';
import { isNexusError } from '../errors.ts';
import type {
  BeginUploadInput,
  BegunUpload,
  NexusRouter,
  PartUpload,
  StoredObject,
  UploadPart,
} from '../generated/api.ts';
import { hashOfHashes, partSizeOf } from '../object-hash.ts';
import type { Bytes } from '../platform/platform.ts';
import { meterOf, type OnProgress } from '../progress.ts';
import { delayMsOf, type RetryOptions, wait } from '../retry.ts';
import { hashSource, type SourceHashes } from './hash-source.ts';
import { contentTypeOf, openSource, type UploadSource } from './open-source.ts';
import { sendPart } from './send-part.ts';

export type Api = TRPCClient<NexusRouter>;

/** How bytes travel. */
export type TransferOptions = {
  /** Ends it. An upload that is ended may be taken up again by the same call for a week. */
  signal?: AbortSignal | undefined;
  /** Called at most ten times a second. */
  onProgress?: OnProgress | undefined;
  /** The object as the server has begun or found it, before its bytes are sent: its id is what `objects.abort` takes. */
  onBegun?: ((object: StoredObject) => void) | undefined;
  /** How many parts travel at a time: 4, up to 16. */
  concurrency?: number | undefined;
  /** How a part that failed is sent again: 6 attempts, from 0.25 s up to 10 s apart. */
  retry?: Partial<RetryOptions> | undefined;
  /** Whether bytes that have arrived are kept to be resumed, or removed, when the signal ends an upload. */
  whenAborted?: 'keep' | 'discard' | undefined;
};

/** Describes a new object, its place, and how its bytes travel. */
export type UploadFileInput = Omit<BeginUploadInput, 'sizeBytes' | 'sha256'> &
  TransferOptions & {
    /**
     * The hash of the whole, lower-case hex, if you know it. Up to 16 MiB it spares reading the source once more; above,
     * where the parts' hashes are what is computed, the server reads the object once to check it too.
     */
    sha256?: string | undefined;
  };

/** A call that may be repeated without harm, and may take as long as the store needs. */
const repeatable = { context: { isRepeatable: true, isLong: true } };
const partsPerPage = 1000;
const maxCompletions = 200;
const maxResends = 3;

/** `name` may depend on what only the bytes tell: `hash` is their SHA-256, or above 16 MiB that of their parts'. */
export type NamedByBytes = Omit<UploadFileInput, 'name'> & {
  name: (facts: { hash: string; bytes: Bytes }) => string;
};

/**
 * Uploads bytes straight to the object store and answers the ready object: hashes the source, sends it in parallel parts,
 * each of which is tried again by itself, and has the server check size and SHA-256. The same call after an abort or the
 * death of the process sends only what is missing; bytes that are there already are not sent at all. Throws NexusError as
 * `objects.begin` and `objects.complete` do, TransferError where the store fails for good, the signal's reason when aborted.
 */
export async function uploadFile(
  api: Api,
  source: UploadSource,
  input: UploadFileInput | NamedByBytes,
): Promise<StoredObject> {
  const signal = input.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const bytes = await openSource(source, signal);
  try {
    return await uploadBytes(api, bytes, input, signal);
  } catch (error) {
    // An abort throws the caller's own reason, not the error that it caused.
    throw signal.aborted ? signal.reason : error;
  } finally {
    await bytes.close();
  }
}

async function uploadBytes(
  api: Api,
  bytes: Bytes,
  input: UploadFileInput | NamedByBytes,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { onProgress, onBegun, whenAborted, concurrency, retry, signal: _signal, ...declared } = input;
  const hashes = await hashesOf(bytes, input, signal);
  const name = typeof input.name === 'string' ? input.name : input.name({ hash: await identityOf(hashes), bytes });
  const contentType = input.contentType ?? contentTypeOf(bytes, bytes.name ?? name);
  const begin = () =>
    api.objects.begin.mutate(
      { ...declared, ...hashes, name, contentType, sizeBytes: bytes.sizeBytes },
      { ...repeatable, signal },
    );
  const begun = await begin();
  onBegun?.(begun.object);
  if (begun.upload === null) return begun.object;
  const sending: Sending = {
    api,
    bytes,
    object: begun.object,
    signal,
    onSent: meterOf(onProgress, 'sending', bytes.sizeBytes),
    concurrency: Math.min(16, Math.max(1, concurrency ?? 4)),
    retry: { maxAttempts: 6, firstDelayMs: 250, maxDelayMs: 10_000, ...retry },
    beginAgain: begin,
  };
  try {
    await send(sending, begun);
    meterOf(onProgress, 'completing', bytes.sizeBytes)(0);
    return await complete(sending, begun);
  } catch (error) {
    if (signal.aborted && whenAborted === 'discard') {
      await api.objects.abort.mutate({ id: begun.object.id }, repeatable).catch(() => undefined);
    }
    throw error;
  }
}

/** Computes the hashes that the caller does not know. */
async function hashesOf(
  bytes: Bytes,
  { sha256, partSha256s, onProgress }: UploadFileInput | NamedByBytes,
  signal: AbortSignal,
): Promise<SourceHashes> {
  const isKnown = partSizeOf(bytes.sizeBytes) === undefined ? sha256 : partSha256s;
  if (isKnown) return { sha256, partSha256s };
  const computed = await hashSource(bytes, signal, meterOf(onProgress, 'hashing', bytes.sizeBytes));
  return { sha256, partSha256s, ...computed };
}

const identityOf = async ({ sha256 = '', partSha256s }: SourceHashes) =>
  partSha256s ? hashOfHashes(partSha256s) : sha256;

type Sending = {
  api: Api;
  bytes: Bytes;
  object: StoredObject;
  signal: AbortSignal;
  onSent: (sentBytes: number) => void;
  concurrency: number;
  retry: RetryOptions;
  beginAgain: () => Promise<BegunUpload>;
};

async function send(sending: Sending, { upload }: BegunUpload): Promise<void> {
  if (upload?.method === 'put') await sendWhole(sending, upload);
  else if (upload) await sendParts(sending, upload);
}

async function sendWhole(
  { bytes, signal, retry, onSent, object, beginAgain }: Sending,
  { url, headers }: { url: string; headers: Record<string, string> },
): Promise<void> {
  const renew = async () => {
    const { upload } = await beginAgain();
    return upload?.method === 'put' ? upload : { url, headers };
  };
  const part = { url, headers, what: object.key, from: 0, to: bytes.sizeBytes, renew };
  await sendPart(part, { bytes, retry, signal, onSent });
}

async function sendParts(sending: Sending, { partSizeBytes }: PartUpload): Promise<void> {
  const { bytes, concurrency, retry, object } = sending;
  const stop = new AbortController();
  const signal = AbortSignal.any([sending.signal, stop.signal]);
  const parts = partsOf({ ...sending, signal });
  const sentOf = new Map<number, number>();
  let sentBytes = 0;
  const isSent = (partNumber: number, partBytes: number) => {
    sentBytes += partBytes - (sentOf.get(partNumber) ?? 0);
    sentOf.set(partNumber, partBytes);
    sending.onSent(sentBytes);
  };
  const work = async () => {
    for (;;) {
      const { done, value: part } = await parts.next();
      if (done) return;
      const { partNumber } = part;
      const from = (partNumber - 1) * partSizeBytes;
      const to = Math.min(bytes.sizeBytes, from + partSizeBytes);
      if (part.etag !== undefined && part.sizeBytes === to - from) {
        isSent(partNumber, to - from);
        continue;
      }
      const renew = () => freshPart({ ...sending, signal }, partNumber);
      await sendPart(
        { ...toSend(part), what: `part ${partNumber} of ${object.key}`, from, to, renew },
        { bytes, retry, signal, onSent: (partBytes) => isSent(partNumber, partBytes) },
      );
    }
  };
  const workers = Array.from({ length: concurrency }, work);
  try {
    await Promise.all(workers);
  } finally {
    stop.abort(new Error('Another part of the same upload failed.'));
    await Promise.allSettled(workers);
  }
}

/** Every part in its order, those that are there already with their ETag. */
async function* partsOf({ api, object, signal }: Sending): AsyncGenerator<UploadPart, undefined> {
  let from: number | null = 1;
  while (from !== null) {
    const page: { parts: UploadPart[]; nextPartNumber: number | null } = await api.objects.parts.query(
      { id: object.id, fromPartNumber: from, limit: partsPerPage },
      { signal },
    );
    yield* page.parts;
    from = page.nextPartNumber;
  }
  return undefined;
}

async function freshPart({ api, object, signal }: Sending, partNumber: number) {
  const { parts } = await api.objects.parts.query({ id: object.id, fromPartNumber: partNumber, limit: 1 }, { signal });
  const [part] = parts;
  if (!part) throw new Error(`The server has no part ${partNumber} of object ${object.id}.`);
  return toSend(part);
}

const toSend = ({ url, headers }: UploadPart) => ({ url, headers });

/** Waits until the server has checked the bytes; parts that the store lost are sent again. */
async function complete(sending: Sending, begun: BegunUpload): Promise<StoredObject> {
  const { api, object, signal } = sending;
  let resends = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await api.objects.complete.mutate({ id: object.id }, { ...repeatable, signal });
    } catch (error) {
      if (isNexusError(error, 'precondition_failed') && error.data.details.missingPartCount && resends < maxResends) {
        resends += 1;
        await send(sending, begun);
      } else if (isNexusError(error, 'conflict') && attempt < maxCompletions) {
        // An earlier call of ours, whose answer was lost, is still at it.
        await wait(
          delayMsOf({ maxAttempts: maxCompletions, firstDelayMs: 250, maxDelayMs: 5_000 }, attempt, undefined),
          signal,
        );
      } else throw error;
    }
  }
}
