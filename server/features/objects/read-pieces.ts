import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { Bucket } from './contract.ts';
import { findObjectAt, objectPrefixOf } from './store.ts';

/** Bytes in memory at a time. */
const pieceBytes = 4 * 1024 * 1024;

/**
 * The bytes of a ready object in pieces of at most 4 MiB, each asked for by itself: whoever takes a minute over a piece
 * keeps no connection waiting. Throws `unavailable`, and `not_found` where the bytes are gone.
 */
export async function* readObjectPieces(
  stores: Pick<Stores, 'db' | 'objects'>,
  actor: Pick<Actor, 'workspaceId'>,
  { bucket, key, sizeBytes }: { bucket: string; key: string; sizeBytes: number },
): AsyncGenerator<Buffer, void, unknown> {
  const row = await findObjectAt(stores.db, actor, { bucket: Bucket.parse(bucket), key });
  if (!row) throw notFound('object', `${bucket}/${key}`);
  const physicalKey = (await objectPrefixOf(stores.db, actor)) + row.storedKey;
  for (let offset = 0; offset < sizeBytes; ) {
    const stream = await stores.objects.readRange(
      row.storedBucket,
      physicalKey,
      offset,
      Math.min(pieceBytes, sizeBytes - offset),
    );
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(Buffer.isBuffer(part) ? part : Buffer.from(part));
    const piece = Buffer.concat(parts);
    if (piece.length === 0) return;
    offset += piece.length;
    yield piece;
  }
}
