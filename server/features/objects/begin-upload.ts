import { createHash } from 'node:crypto';
import { invalidInput, NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import type { BeginUploadInput, BegunUpload } from './contract.ts';
import { maxSmallBytes, partSizeOf, placeOf, refuseLongKey, stagingKeyOf } from './layout.ts';
import { partCountOf, partUrlSeconds, presignParts } from './list-parts.ts';
import { enqueueAbort, untilRemoved } from './removal.ts';
import { isSameBytes, keyIsTaken, reserveKey } from './reserve-key.ts';
import {
  findObject,
  insertPartHashes,
  type ObjectRow,
  objectPrefixOf,
  requireOrigin,
  setExpiry,
  setUploadId,
  toStoredObject,
} from './store.ts';

const putUrlSeconds = 3600;
const firstParts = 100;

/** When an upload that nobody completes is given up: a day for one PUT, a week for parts. */
const lifeSecondsOf = (sizeBytes: number) => (sizeBytes <= maxSmallBytes ? 86_400 : 604_800);

/**
 * Begins an upload: makes a pending object and presigned URLs to which the caller sends the bytes, one PUT up to 16 MiB
 * and parts above. The same call again takes the upload up where it was, with fresh URLs; for bytes that the workspace has
 * already, under whichever name, it answers a ready object and `upload: null`. Throws `conflict` where the key has other
 * bytes, `invalid_input` where the kind's layout needs more or the parts' hashes are not those of its parts, `not_found`
 * for a checkpoint of an unknown topology.
 */
export async function beginUpload(stores: Stores, actor: Actor, input: BeginUploadInput): Promise<BegunUpload> {
  const { kind, sizeBytes, sha256, contentType, metadata } = input;
  const partSha256s = declaredParts(input);
  const partsSha256 =
    partSha256s &&
    createHash('sha256')
      .update(Buffer.from(partSha256s.join(''), 'hex'))
      .digest('hex');
  const object = {
    ...placeOf(input),
    kind,
    sizeBytes,
    sha256,
    contentType,
    metadata,
    partsSha256: partsSha256 ?? null,
  };
  const prefix = await objectPrefixOf(stores.db, actor);
  refuseLongKey(prefix + object.key, stores.objects.maxKeyBytes);
  const expiresAt = new Date(Date.now() + lifeSecondsOf(sizeBytes) * 1000);

  const row = await stores.db.transaction(async (tx) => {
    if (kind === 'checkpoint') await requireOrigin(tx, actor, input);
    const reserved = await reserveKey(tx, actor, object, { prefix, expiresAt, isClaimed: false });
    if (reserved.isNew) {
      if (partSha256s && reserved.row.status === 'pending') await insertPartHashes(tx, reserved.row, partSha256s);
      await recordAudit(tx, actor, 'objects.begin', `object:${reserved.row.id}`, {
        bucket: object.bucket,
        key: object.key,
      });
      return reserved.row;
    }
    if (!isSameBytes(reserved.row, object)) throw keyIsTaken(reserved.row);
    if (reserved.row.status === 'ready') return reserved.row;
    return (await setExpiry(tx, actor, reserved.row.id, expiresAt)) ?? reserved.row;
  });

  if (row.status === 'ready') return { object: toStoredObject(row), upload: null, expiresAt: null };
  return row.partSizeBytes === null ? offerPut(stores, row) : offerParts(stores, actor, row, prefix);
}

function declaredParts({ sizeBytes, partSha256s }: BeginUploadInput): string[] | undefined {
  const partSizeBytes = partSizeOf(sizeBytes);
  if (partSha256s === undefined || partSizeBytes === null) return undefined;
  const partCount = Math.ceil(sizeBytes / partSizeBytes);
  if (partSha256s.length === partCount) return partSha256s;
  throw invalidInput(
    'partSha256s',
    `partSha256s has ${partSha256s.length} hashes, but ${sizeBytes} bytes are ${partCount} parts of ${partSizeBytes} bytes; give one of each, or none.`,
    { partCount, partSizeBytes },
  );
}

async function offerPut(stores: Stores, row: ObjectRow): Promise<BegunUpload> {
  const { storedBucket, sizeBytes, sha256 } = row;
  const body = stores.objects.checksBodies ? { sizeBytes, sha256 } : undefined;
  const { url, headers } = await stores.objects.presignPut(storedBucket, stagingKeyOf(row.id), putUrlSeconds, body);
  return {
    object: toStoredObject(row),
    upload: { method: 'put', url, headers: { 'content-type': row.contentType, ...headers } },
    expiresAt: new Date(Date.now() + putUrlSeconds * 1000),
  };
}

async function offerParts(stores: Stores, actor: Actor, pending: ObjectRow, prefix: string): Promise<BegunUpload> {
  const row = pending.uploadId === null ? await openMultipart(stores, actor, pending, prefix) : pending;
  const partCount = partCountOf(row);
  return {
    object: toStoredObject(row),
    upload: {
      method: 'parts',
      partSizeBytes: row.partSizeBytes ?? row.sizeBytes,
      partCount,
      parts: await presignParts(stores, row, prefix, { from: 1, to: Math.min(firstParts, partCount) }),
    },
    expiresAt: new Date(Date.now() + partUrlSeconds * 1000),
  };
}

async function openMultipart(stores: Stores, actor: Actor, pending: ObjectRow, prefix: string): Promise<ObjectRow> {
  const { storedBucket: bucket, contentType } = pending;
  const key = prefix + pending.storedKey;
  // An earlier upload of this key that was given up takes every multipart upload of the key with it.
  await untilRemoved(stores, bucket, key);
  const hasSha256 = stores.objects.checksBodies && pending.partsSha256 !== null;
  const uploadId = await stores.objects.beginMultipart(bucket, key, contentType, { hasSha256 });
  const row = await setUploadId(stores.db, actor, pending.id, uploadId);
  if (row) return row;
  // Another call was faster, or the upload was aborted meanwhile: ours goes.
  await stores.db.transaction((tx) => enqueueAbort(tx, pending, prefix, uploadId));
  stores.wakeRelay();
  const there = await findObject(stores.db, actor, pending.id);
  if (there?.uploadId) return there;
  throw new NexusError('conflict', `The upload of ${pending.key} was ended by another call; begin it again.`, {
    details: { id: pending.id, key: pending.key },
  });
}
