import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import type { BeginUploadInput, BegunUpload } from './contract.ts';
import { maxSmallBytes, placeOf, refuseLongKey, stagingKeyOf } from './layout.ts';
import { partCountOf, partUrlSeconds, presignParts } from './list-parts.ts';
import { enqueueAbort } from './removal.ts';
import { isSameBytes, keyIsTaken, reserveKey } from './reserve-key.ts';
import {
  findObject,
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
 * and parts above. The same call again takes the upload up where it was, with fresh URLs; for bytes that are there and
 * ready it answers that object and `upload: null`. Throws `conflict` where the key has other bytes, `invalid_input`
 * where the kind's layout needs more, `not_found` for a checkpoint of an unknown topology.
 */
export async function beginUpload(stores: Stores, actor: Actor, input: BeginUploadInput): Promise<BegunUpload> {
  const { kind, sizeBytes, sha256, contentType, metadata } = input;
  const object = { ...placeOf(input), kind, sizeBytes, sha256, contentType, metadata };
  const prefix = await objectPrefixOf(stores.db, actor);
  refuseLongKey(prefix + object.key);
  const expiresAt = new Date(Date.now() + lifeSecondsOf(sizeBytes) * 1000);

  const row = await stores.db.transaction(async (tx) => {
    if (kind === 'checkpoint') await requireOrigin(tx, actor, input);
    const reserved = await reserveKey(tx, actor, object, { prefix, expiresAt, isClaimed: false });
    if (reserved.isNew) {
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
  return row.partSizeBytes === null ? offerPut(stores, row, prefix) : offerParts(stores, actor, row, prefix);
}

async function offerPut(stores: Stores, row: ObjectRow, prefix: string): Promise<BegunUpload> {
  const url = await stores.objects.presignPut(row.bucket, stagingKeyOf(prefix, row.id), putUrlSeconds);
  return {
    object: toStoredObject(row),
    upload: { method: 'put', url, headers: { 'content-type': row.contentType } },
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
  const uploadId = await stores.objects.beginMultipart(pending.bucket, prefix + pending.key, pending.contentType);
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
