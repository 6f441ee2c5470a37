import { createHash } from 'node:crypto';
import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import type { StoredObject } from './contract.ts';
import { maxSmallBytes } from './layout.ts';
import { objectPrefixOf } from './store.ts';

const silenceMs = 60_000;

/** Reads an object's bytes piece by piece, in flat memory. A store that is silent for a minute is given up. */
async function* piecesOf(stores: Stores, bucket: string, physicalKey: string): AsyncGenerator<Buffer> {
  const stream = await stores.objects.read(bucket, physicalKey);
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

/** Size and SHA-256 (lower-case hex) of an object's bytes; `onPiece` is awaited between pieces. */
export async function hashObject(
  stores: Stores,
  bucket: string,
  physicalKey: string,
  onPiece: () => Promise<void>,
): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of piecesOf(stores, bucket, physicalKey)) {
    hash.update(piece);
    sizeBytes += piece.length;
    await onPiece();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** The bytes of a ready object of at most 16 MiB. Throws `too_large` for a greater one. */
export async function readSmallObject(stores: Stores, actor: Actor, object: StoredObject): Promise<Buffer> {
  if (object.sizeBytes > maxSmallBytes) {
    throw new NexusError('too_large', `${object.key} has ${object.sizeBytes} bytes; read it from a presigned URL.`, {
      details: { id: object.id, sizeBytes: object.sizeBytes },
    });
  }
  const prefix = await objectPrefixOf(stores.db, actor);
  const pieces: Buffer[] = [];
  for await (const piece of piecesOf(stores, object.bucket, prefix + object.key)) pieces.push(piece);
  return Buffer.concat(pieces);
}
