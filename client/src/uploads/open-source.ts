import { platform } from '#platform';
import { bytesOfArray, bytesOfBlob } from '../platform/blob-bytes.ts';
import type { Bytes } from '../platform/platform.ts';

/**
 * Where an upload's bytes come from: a path or file: URL (Node), a File or Blob, bytes in memory, or a stream of either
 * kind, which is kept in a temporary file (Node) or in memory (browsers) first, because its size and hash go ahead of it.
 */
export type UploadSource =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** Opens a source; close it when its bytes are not wanted any more. */
export async function openSource(source: UploadSource, signal: AbortSignal): Promise<Bytes> {
  if (typeof source === 'string' || source instanceof URL) return platform.openFile(source);
  if (source instanceof Blob) return bytesOfBlob(source);
  if (source instanceof Uint8Array) return bytesOfArray(source);
  if (source instanceof ArrayBuffer) return bytesOfArray(new Uint8Array(source));
  if ('getReader' in source) return platform.keepStream(iterate(source), signal);
  if (Symbol.asyncIterator in source) return platform.keepStream(source, signal);
  throw new TypeError('The source is no path, Blob, bytes or stream of bytes.');
}

/** Not every browser's ReadableStream can be iterated. */
async function* iterate(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

const typeOfExtension: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  txt: 'text/plain',
  log: 'text/plain',
};

/** The source's own content type, or that of its name's extension. */
export const contentTypeOf = (bytes: Bytes, name: string): string =>
  bytes.contentType || typeOfExtension[extensionOf(name).slice(1).toLowerCase()] || 'application/octet-stream';

/** With its dot; empty where there is none. */
export const extensionOf = (name: string): string => /[^./]+(\.[A-Za-z0-9]{1,16})$/.exec(name)?.[1] ?? '';
