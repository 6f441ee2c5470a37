import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { maxSmallBytes } from './layout.ts';
import { type ObjectRow, objectPrefixOf } from './store.ts';

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

/** Size and SHA-256 (lower-case hex) of an object's bytes; `onPiece` is called between pieces. */
export async function hashObject(
  stores: Stores,
  bucket: string,
  physicalKey: string,
  onPiece: () => void,
): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of piecesOf(stores, bucket, physicalKey)) {
    hash.update(piece);
    sizeBytes += piece.length;
    onPiece();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
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
