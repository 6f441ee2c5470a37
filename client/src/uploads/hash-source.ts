import { platform } from '#platform';
import type { Bytes } from '../platform/platform.ts';
import { wait } from '../retry.ts';

const mebibyte = 1024 * 1024;
const maxSmallBytes = 16 * mebibyte;
const maxParts = 10_000;
/** A part up to this size is hashed in one go, beside this thread. */
const maxBufferedBytes = 32 * mebibyte;
const maxAtOnce = 2;
const breathBytes = 32 * mebibyte;

/** How large the server makes the parts of an object; undefined for one that goes in one PUT. */
function partSizeOf(sizeBytes: number): number | undefined {
  if (sizeBytes <= maxSmallBytes) return undefined;
  return Math.max(16, Math.ceil(sizeBytes / maxParts / mebibyte)) * mebibyte;
}

export type SourceHashes = { sha256: string; partSha256s?: string[] | undefined };

/**
 * Reads a source once for the SHA-256 of the whole and of each part, lower-case hex. By those of the parts the store checks
 * each as it arrives, so that the server need not read the object again.
 */
export async function hashSource(
  bytes: Bytes,
  signal: AbortSignal,
  onHashed: (doneBytes: number) => void,
): Promise<SourceHashes> {
  const partSizeBytes = partSizeOf(bytes.sizeBytes);
  if (bytes.hashes && partSizeBytes !== undefined) return bytes.hashes(partSizeBytes, signal, onHashed);
  const whole = await platform.newSha256();
  const parts = partSizeBytes === undefined ? undefined : await partHasherOf(partSizeBytes);
  let doneBytes = 0;
  let breathAt = breathBytes;
  for await (const piece of bytes.pieces(0, bytes.sizeBytes, parts?.pieceBytes ?? mebibyte)) {
    signal.throwIfAborted();
    // First: it goes on beside the other.
    await parts?.update(piece);
    whole.update(piece);
    doneBytes += piece.byteLength;
    onHashed(doneBytes);
    // Bytes in memory come without a pause, and whoever else lives on this thread wants to live too.
    if (doneBytes >= breathAt) {
      breathAt += breathBytes;
      await wait(0, signal);
    }
  }
  return { sha256: whole.digest(), partSha256s: await parts?.digests() };
}

type PartHasher = {
  /** Of the pieces that it wants; a part is a whole number of them. */
  pieceBytes: number;
  update(piece: Uint8Array): Promise<void>;
  digests(): Promise<string[]>;
};

async function partHasherOf(partSizeBytes: number): Promise<PartHasher> {
  // Web Crypto works beside this thread; pages that came without encryption have none.
  return partSizeBytes <= maxBufferedBytes && globalThis.crypto?.subtle
    ? besideThisThread(partSizeBytes)
    : inPieces(partSizeBytes);
}

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
      // Whoever stops early never awaits it.
      hex.catch(() => undefined);
      digests.push(hex);
    },
    digests: () => Promise.all(digests),
  };
}

export async function inPieces(partSizeBytes: number): Promise<PartHasher> {
  const digests: string[] = [];
  let hash = await platform.newSha256();
  let hashedBytes = 0;
  const next = async () => {
    digests.push(hash.digest());
    hash = await platform.newSha256();
    hashedBytes = 0;
  };
  return {
    pieceBytes: mebibyte,
    async update(piece) {
      hash.update(piece);
      hashedBytes += piece.byteLength;
      if (hashedBytes === partSizeBytes) await next();
    },
    async digests() {
      if (hashedBytes > 0) await next();
      return digests;
    },
  };
}
