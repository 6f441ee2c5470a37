import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { maxSmallBytes, partSizeOf } from './layout.ts';
import { type Bytes, type Hashes, type ObjectRow, objectPrefixOf } from './store.ts';

const silenceMs = 60_000;

/** Reads an object's bytes piece by piece, in flat memory. A store that is silent for a minute is given up. */
async function* piecesOf(stores: Stores, bucket: string, physicalKey: string): AsyncGenerator<Buffer> {
  yield* guarded(await stores.objects.read(bucket, physicalKey), physicalKey);
}

async function* guarded(stream: Readable, physicalKey: string): AsyncGenerator<Buffer> {
  const silence = setTimeout(() => {
    stream.destroy(
      new NexusError(
        'unavailable',
        `The object store sent nothing of ${physicalKey} for a minute; try again shortly.`,
        {
          details: { store: 'objects' },
        },
      ),
    );
  }, silenceMs);
  try {
    for await (const piece of stream) {
      silence.refresh();
      yield Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
    }
  } catch (error) {
    if (error instanceof NexusError) throw error;
    throw new NexusError('unavailable', `The object store broke off while it sent ${physicalKey}; try again shortly.`, {
      details: { store: 'objects' },
      cause: error,
    });
  } finally {
    clearTimeout(silence);
    stream.destroy();
  }
}

/** The SHA-256 over SHA-256s, all in lower-case hex. */
export const hashOfHashes = (sha256s: readonly string[]): string =>
  createHash('sha256')
    .update(Buffer.from(sha256s.join(''), 'hex'))
    .digest('hex');

/** Hashes the bytes of an object of this size as they come, whole and in its parts. */
export function hasherOf(sizeBytes: number): { update(piece: Buffer): void; digest(): Hashes } {
  const partSizeBytes = partSizeOf(sizeBytes) ?? Number.POSITIVE_INFINITY;
  const whole = createHash('sha256');
  const sha256s: string[] = [];
  let part = createHash('sha256');
  let inPart = 0;
  const endPart = () => {
    sha256s.push(part.digest('hex'));
    part = createHash('sha256');
    inPart = 0;
  };
  return {
    update(piece) {
      whole.update(piece);
      if (partSizeBytes === Number.POSITIVE_INFINITY) return;
      for (let at = 0; at < piece.length; ) {
        const some = piece.subarray(at, at + partSizeBytes - inPart);
        part.update(some);
        at += some.length;
        inPart += some.length;
        if (inPart === partSizeBytes) endPart();
      }
    },
    digest() {
      if (inPart > 0) endPart();
      const partsSha256 = partSizeBytes === Number.POSITIVE_INFINITY ? null : hashOfHashes(sha256s);
      return { sha256: whole.digest('hex'), partsSha256 };
    },
  };
}

/** Size and hashes of an object's bytes, which are to be `declaredBytes`; `onPiece` is called between pieces. */
export async function hashObject(
  stores: Stores,
  bucket: string,
  physicalKey: string,
  declaredBytes: number,
  onPiece: () => void = () => undefined,
): Promise<Bytes> {
  const hasher = hasherOf(declaredBytes);
  let sizeBytes = 0;
  for await (const piece of piecesOf(stores, bucket, physicalKey)) {
    hasher.update(piece);
    sizeBytes += piece.length;
    onPiece();
  }
  return { sizeBytes, ...hasher.digest() };
}

/** The bytes of a ready object of at most 16 MiB. Throws `too_large` for a greater one. */
export async function readSmallObject(stores: Stores, actor: Actor, row: ObjectRow): Promise<Buffer> {
  if (row.sizeBytes > maxSmallBytes) {
    throw new NexusError('too_large', `${row.key} has ${row.sizeBytes} bytes; read it from a presigned URL.`, {
      details: { id: row.id, sizeBytes: row.sizeBytes },
    });
  }
  const prefix = await objectPrefixOf(stores.db, actor);
  const pieces: Buffer[] = [];
  for await (const piece of piecesOf(stores, row.storedBucket, prefix + row.storedKey)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** `lengthBytes` bytes of an object from `offset`, by a ranged read. */
export async function readPiece(
  stores: Stores,
  bucket: string,
  physicalKey: string,
  { offset, lengthBytes }: { offset: number; lengthBytes: number },
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const stream = stores.objects.readRange(bucket, physicalKey, offset, lengthBytes);
  for await (const piece of guarded(await stream, physicalKey)) pieces.push(piece);
  return Buffer.concat(pieces);
}
