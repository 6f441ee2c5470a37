import { randomUUID } from 'node:crypto';
import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { BeginUploadInput } from './contract.ts';
import type { ObjectPlace } from './layout.ts';
import { hasContents, partSizeOf, spareKeyOf } from './layout.ts';
import { enqueueRemoval } from './removal.ts';
import {
  type Bytes,
  deleteRows,
  insertObject,
  isPlaceTaken,
  lockObjectAt,
  lockObjects,
  lockTwin,
  type ObjectRow,
  type StoredPlace,
} from './store.ts';

/** The facts in the row of a new object. */
export type NewObject = Pick<BeginUploadInput, 'kind' | 'contentType' | 'metadata'> & ObjectPlace & Bytes;

/**
 * Makes the pending row of a new object, or answers the row that has its key. Where the workspace has a ready object of the
 * same bytes, the new row shares them and is ready at once. An upload of the key that was given up, but not yet swept, is
 * swept here.
 */
export async function reserveKey(
  tx: Transaction,
  actor: Actor,
  object: NewObject,
  options: { prefix: string; expiresAt: Date; isClaimed: boolean },
): Promise<{ row: ObjectRow; isNew: boolean }> {
  const owned = { ...object, workspaceId: actor.workspaceId, createdBy: actor.userId };
  const partSizeBytes = partSizeOf(object.sizeBytes);
  // Again: the row that had the key may be deleted, or swept, between the insert and the look at it.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const twin = await lockTwin(tx, actor, object);
    // Where the key promises contents, the twin's must have been read.
    const isShared = twin && (twin.contents !== null || !hasContents(object.key));
    const inserted = isShared
      ? await insertObject(tx, { ...owned, ...placeOfTwin(twin), status: 'ready', completedAt: new Date() }, false)
      : await insertObject(
          tx,
          {
            ...owned,
            ...(await freePlace(tx, actor, object)),
            status: 'pending',
            partSizeBytes,
            expiresAt: options.expiresAt,
          },
          options.isClaimed,
        );
    if (inserted) return { row: inserted, isNew: true };
    const there = await lockObjectAt(tx, actor, object);
    if (!there) continue;
    const [locked] = await lockObjects(tx, actor, [there.id]);
    const isGivenUp = there.status === 'pending' && there.expiresAt !== null && there.expiresAt <= new Date();
    if (!isGivenUp || locked?.isBusy) return { row: there, isNew: false };
    await enqueueRemoval(tx, { row: there, prefix: options.prefix }, actor.userId);
    await deleteRows(tx, [there.id]);
  }
  throw new NexusError('conflict', `Others upload and delete ${object.key} at this moment; try again.`, {
    details: { bucket: object.bucket, key: object.key },
  });
}

const placeOfTwin = ({ storedBucket, storedKey, contents, sha256, partsSha256 }: ObjectRow) => ({
  storedBucket,
  storedKey,
  contents,
  sha256,
  partsSha256,
});

/** Its own key, unless the bytes of an earlier object of this name are still there for those who share them. */
async function freePlace(tx: Transaction, actor: Actor, { bucket, key }: ObjectPlace): Promise<StoredPlace> {
  const own = { storedBucket: bucket, storedKey: key };
  if (!(await isPlaceTaken(tx, actor.workspaceId, own))) return own;
  return { storedBucket: bucket, storedKey: spareKeyOf(key, randomUUID()) };
}

/** Whether a row is for exactly these bytes: it has their size and every hash that is given of them. */
export const isSameBytes = (row: Bytes, { sizeBytes, sha256, partsSha256 }: Bytes) =>
  row.sizeBytes === sizeBytes &&
  (sha256 === null || row.sha256 === sha256) &&
  (partsSha256 === null || row.partsSha256 === partsSha256);

/** The refusal of a key that another object has. */
export function keyIsTaken(row: ObjectRow): NexusError {
  const details = { bucket: row.bucket, key: row.key, id: row.id, status: row.status };
  return row.status === 'ready'
    ? new NexusError(
        'conflict',
        `${row.bucket} has other bytes at ${row.key}; choose another name, or delete object ${row.id}.`,
        { details },
      )
    : new NexusError(
        'conflict',
        `An upload of ${row.key} is under way until ${row.expiresAt?.toISOString()}; choose another name, or abort object ${row.id}.`,
        { details },
      );
}
