import { invalidInput, NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { BeginUploadInput, BegunUpload } from './contract.ts';
import { hashObject, hashOfHashes } from './hash-object.ts';
import { maxSmallBytes, partSizeOf, placeOf, refuseLongKey, stagingKeyOf } from './layout.ts';
import { partCountOf, partUrlSeconds, presignParts } from './list-parts.ts';
import { enqueueAbort, untilRemoved } from './removal.ts';
import { isSameBytes, keyIsTaken, type NewObject, reserveKey } from './reserve-key.ts';
import {
  declareWhole,
  findObject,
  findUnhashed,
  insertPartHashes,
  noteHashes,
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
 * bytes, `invalid_input` where the kind's layout needs more or the hashes are not those that such an object has,
 * `not_found` for a checkpoint of an unknown topology.
 */
export async function beginUpload(stores: Stores, actor: Actor, input: BeginUploadInput): Promise<BegunUpload> {
  const { kind, sizeBytes, contentType, metadata } = input;
  const { sha256, partSha256s } = declaredHashes(input);
  const partsSha256 = partSha256s ? hashOfHashes(partSha256s) : null;
  const object: NewObject = { ...placeOf(input), kind, sizeBytes, sha256, partsSha256, contentType, metadata };
  const prefix = await objectPrefixOf(stores.db, actor);
  refuseLongKey(prefix + object.key, stores.objects.maxKeyBytes);
  const expiresAt = new Date(Date.now() + lifeSecondsOf(sizeBytes) * 1000);
  if (sizeBytes > maxSmallBytes) await computeMissing(stores, actor, object, prefix);

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
    const there = await withWhole(tx, reserved.row, object);
    if (!isSameBytes(there, object)) throw keyIsTaken(there);
    if (there.status === 'ready') return there;
    return (await setExpiry(tx, actor, there.id, expiresAt)) ?? there;
  });

  if (row.status === 'ready') return { object: toStoredObject(row), upload: null, expiresAt: null };
  return row.partSizeBytes === null ? offerPut(stores, row) : offerParts(stores, actor, row, prefix);
}

type DeclaredHashes = { sha256: string | null; partSha256s: string[] | undefined };

/** The hashes by which an object of this size is told. */
function declaredHashes(input: BeginUploadInput): DeclaredHashes {
  const { sizeBytes, partSha256s } = input;
  const sha256 = input.sha256 ?? null;
  const partSizeBytes = partSizeOf(sizeBytes);
  if (partSizeBytes === null) {
    if (sha256 === null) throw invalidInput('sha256', `${sizeBytes} bytes go in one PUT; give their SHA-256.`);
    if (!partSha256s) return { sha256, partSha256s };
    throw invalidInput(
      'partSha256s',
      `${sizeBytes} bytes go in one PUT and have no parts; give sha256 alone, for partSha256s is of more than ${maxSmallBytes} bytes.`,
    );
  }
  const partCount = Math.ceil(sizeBytes / partSizeBytes);
  if (!partSha256s) {
    if (sha256 !== null) return { sha256, partSha256s };
    throw invalidInput(
      'partSha256s',
      `Nothing tells which ${sizeBytes} bytes are meant; give partSha256s, of each of their ${partCount} parts of ${partSizeBytes} bytes, or sha256, of the whole.`,
      { partCount, partSizeBytes },
    );
  }
  if (partSha256s.length === partCount) return { sha256, partSha256s };
  throw invalidInput(
    'partSha256s',
    `partSha256s has ${partSha256s.length} hashes, but ${sizeBytes} bytes are ${partCount} parts of ${partSizeBytes} bytes; give one of each, or sha256 alone.`,
    { partCount, partSizeBytes },
  );
}

/**
 * Computes what is declared, but not known, of stored bytes that may be the declared ones, so that they are not sent again
 * only because they were declared otherwise before. Bytes are read for it once: what was computed is kept.
 */
async function computeMissing(stores: Stores, actor: Actor, object: NewObject, prefix: string): Promise<void> {
  const row = await findUnhashed(stores.db, actor, object);
  if (!row) return;
  const found = await hashObject(stores, row.storedBucket, prefix + row.storedKey, row.sizeBytes);
  if (isSameBytes(found, row)) await stores.db.transaction((tx) => noteHashes(tx, actor, row.id, found));
  else stores.log.warn({ object: row.id }, 'The store has other bytes of an object than were checked; run verify.');
}

/** A pending upload that was begun by the hashes of its parts alone is checked by the whole's too, once a call declares it. */
async function withWhole(tx: Transaction, row: ObjectRow, { sha256, partsSha256 }: NewObject): Promise<ObjectRow> {
  const isAdded = row.status === 'pending' && row.sha256 === null && row.partsSha256 === partsSha256;
  return isAdded && sha256 !== null ? declareWhole(tx, row, sha256) : row;
}

async function offerPut(stores: Stores, row: ObjectRow): Promise<BegunUpload> {
  const { storedBucket, sizeBytes, sha256 } = row;
  const body = stores.objects.checksBodies ? { sizeBytes, sha256: sha256 ?? undefined } : undefined;
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
  // Another call was faster, or the upload was aborted meanwhile, so this multipart upload is aborted.
  await stores.db.transaction((tx) => enqueueAbort(tx, pending, prefix, uploadId));
  stores.wakeRelay();
  const there = await findObject(stores.db, actor, pending.id);
  if (there?.uploadId) return there;
  throw new NexusError('conflict', `The upload of ${pending.key} was ended by another call; begin it again.`, {
    details: { id: pending.id, key: pending.key },
  });
}
