import type { Bytes } from './platform.ts';

const mebibyte = 1024 * 1024;

/** A Blob or File, whose bytes are read when they are wanted. */
export function bytesOfBlob(blob: Blob): Bytes {
  const name = 'name' in blob && typeof blob.name === 'string' ? blob.name : undefined;
  return {
    sizeBytes: blob.size,
    name,
    contentType: blob.type || undefined,
    async *pieces(from, to, pieceBytes = mebibyte) {
      for (let at = from; at < to; at += pieceBytes) {
        yield new Uint8Array(await blob.slice(at, Math.min(to, at + pieceBytes)).arrayBuffer());
      }
    },
    blob: (from, to) => blob.slice(from, to),
    close: async () => undefined,
  };
}

/** Bytes in memory; they are not copied. */
export function bytesOfArray(array: Uint8Array): Bytes {
  return {
    sizeBytes: array.byteLength,
    async *pieces(from, to, pieceBytes = mebibyte) {
      for (let at = from; at < to; at += pieceBytes) yield array.subarray(at, Math.min(to, at + pieceBytes));
    },
    blob: (from, to) => new Blob([array.slice(from, to)]),
    close: async () => undefined,
  };
}
