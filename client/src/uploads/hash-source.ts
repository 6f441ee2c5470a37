import { platform } from '#platform';
import { partSizeOf } from '../object-hash.ts';
import type { Bytes, Hash } from '../platform/platform.ts';
import { wait } from '../retry.ts';

const mebibyte = 1024 * 1024;
/** A part up to this size is hashed in one go, beside this thread. */
const maxBufferedBytes = 32 * mebibyte;
const maxAtOnce = 4;
const breathBytes = 32 * mebibyte;

/** SHA-256s in lower-case hex: of the whole, or, of what is sent in parts, of each of these. */
export type SourceHashes = { sha256?: string | undefined; partSha256s?: string[] | undefined };

/**
 * Reads a source once for the hashes by which its object is told. By those of the parts the store checks each as it
 * arrives, so that the server need not read the object; that of the whole would have to be computed in one thread.
 */
export async function hashSource(
  bytes: Bytes,
  signal: AbortSignal,
  onHashed: (doneBytes: number) => void,
): Promise<SourceHashes> {
  const partSizeBytes = partSizeOf(bytes.sizeBytes);
  if (partSizeBytes === undefined) return { sha256: await hashWhole(bytes, signal, onHashed) };
  if (bytes.partSha256s) return { partSha256s: await bytes.partSha256s(partSizeBytes, signal, onHashed) };
  // Web Crypto works beside this thread; pages that came without encryption have none.
  const isBuffered = partSizeBytes <= maxBufferedBytes && globalThis.crypto?.subtle;
  const hasher = isBuffered ? besideThisThread(partSizeBytes) : inPieces(partSizeBytes, await platform.newSha256());
  let doneBytes = 0;
  let breathAt = breathBytes;
  for await (const piece of bytes.pieces(0, bytes.sizeBytes, hasher.pieceBytes)) {
    signal.throwIfAborted();
    await hasher.update(piece);
    doneBytes += piece.byteLength;
    onHashed(doneBytes);
    // Bytes in memory come without a pause, and whoever else lives on this thread wants to live too.
    if (doneBytes >= breathAt) {
      breathAt += breathBytes;
      await wait(0, signal);
    }
  }
  return { partSha256s: await hasher.digests() };
}

async function hashWhole(bytes: Bytes, signal: AbortSignal, onHashed: (doneBytes: number) => void): Promise<string> {
  const hash = await platform.newSha256();
  let doneBytes = 0;
  for await (const piece of bytes.pieces(0, bytes.sizeBytes)) {
    signal.throwIfAborted();
    hash.update(piece);
    doneBytes += piece.byteLength;
    onHashed(doneBytes);
  }
  return hash.digest();
}

type PartHasher = {
  /** The size of the pieces that it takes; a part is a whole number of them. */
  pieceBytes: number;
  update(piece: Uint8Array): Promise<void>;
  digests(): Promise<string[]>;
};

export function besideThisThread(partSizeBytes: number): PartHasher {
  const digests: Promise<string>[] = [];
  return {
    pieceBytes: partSizeBytes,
    async update(piece) {
      await digests.at(-maxAtOnce);
      const { buffer, byteOffset, byteLength } = piece;
      // Shared memory, which Web Crypto does not take, is copied.
      const own =
        buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(piece);
      const digest = crypto.subtle.digest('SHA-256', own);
      const hex = digest.then((sum) =>
        Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, '0')).join(''),
      );
      // A caller that stops early never awaits it.
      hex.catch(() => undefined);
      digests.push(hex);
    },
    digests: () => Promise.all(digests),
  };
}

export function inPieces(partSizeBytes: number, hash: Hash): PartHasher {
  const digests: string[] = [];
  let hashedBytes = 0;
  const endPart = () => {
    digests.push(hash.digest());
    hashedBytes = 0;
  };
  return {
    pieceBytes: mebibyte,
    async update(piece) {
      hash.update(piece);
      hashedBytes += piece.byteLength;
      if (hashedBytes === partSizeBytes) endPart();
    },
    async digests() {
      if (hashedBytes > 0) endPart();
      return digests;
    },
  };
}
