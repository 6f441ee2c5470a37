import { platform } from '#platform';
import type { StoredObject } from './generated/api.ts';
import type { Hash } from './platform/platform.ts';

const mebibyte = 1024 * 1024;
const maxSmallBytes = 16 * mebibyte;
const maxParts = 10_000;

/** How large the server makes the parts of an object; undefined for one that goes in one PUT. */
export function partSizeOf(sizeBytes: number): number | undefined {
  if (sizeBytes <= maxSmallBytes) return undefined;
  return Math.max(16, Math.ceil(sizeBytes / maxParts / mebibyte)) * mebibyte;
}

/** Computes the hash that `hashOf` an object is compared with. */
export function newHashOf({ sha256, sizeBytes }: StoredObject): Promise<Hash> {
  const partSizeBytes = sha256 === null ? partSizeOf(sizeBytes) : undefined;
  return partSizeBytes === undefined ? platform.newSha256() : newHashOfParts(partSizeBytes);
}

/**
 * The hash that identifies an object's bytes: its SHA-256, or that of its parts' hashes where nobody has computed the
 * whole.
 */
export const hashOf = ({ sha256, partsSha256 }: StoredObject): string | null => sha256 ?? partsSha256;

/** The SHA-256 over the SHA-256s of parts, in lower-case hex as they are. */
export async function hashOfHashes(sha256s: readonly string[]): Promise<string> {
  const hash = await platform.newSha256();
  for (const sha256 of sha256s) hash.update(bytesOfHex(sha256));
  return hash.digest();
}

/** Takes an object's bytes as they come, in pieces that need not be parts. */
async function newHashOfParts(partSizeBytes: number): Promise<Hash> {
  const all = await platform.newSha256();
  const part = await platform.newSha256();
  let inPart = 0;
  const endPart = () => {
    all.update(bytesOfHex(part.digest()));
    inPart = 0;
  };
  return {
    update(piece) {
      for (let at = 0; at < piece.byteLength; ) {
        const some = piece.subarray(at, at + partSizeBytes - inPart);
        part.update(some);
        at += some.byteLength;
        inPart += some.byteLength;
        if (inPart === partSizeBytes) endPart();
      }
    },
    digest() {
      if (inPart > 0) endPart();
      return all.digest();
    },
  };
}

const bytesOfHex = (hex: string) =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
