import { NexusError } from '../../errors.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Actor } from '../actor.ts';
import type { BeginUploadInput } from './contract.ts';
import type { ObjectPlace } from './layout.ts';
import { partSizeOf } from './layout.ts';
import { enqueueRemoval } from './removal.ts';
import { deleteRows, insertObject, lockObjectAt, lockObjects, type ObjectRow } from './store.ts';

/** What the row of a new object says. */
export type NewObject = Pick<BeginUploadInput, 'kind' | 'sizeBytes' | 'sha256' | 'contentType' | 'metadata'> &
  ObjectPlace;

/**
 * Makes the pending row of a new object, or answers the row that has its key. An upload of the key that was given up,
 * but not yet swept, is swept here.
 */
export async function reserveKey(
  tx: Transaction,
  actor: Actor,
  object: NewObject,
  options: { prefix: string; expiresAt: Date; isClaimed: boolean },
): Promise<{ row: ObjectRow; isNew: boolean }> {
  const values = {
    ...object,
    workspaceId: actor.workspaceId,
    createdBy: actor.userId,
    status: 'pending' as const,
    partSizeBytes: partSizeOf(object.sizeBytes),
    expiresAt: options.expiresAt,
  };
  // Again: the row that had the key may be deleted, or swept, between the insert and the look at it.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const inserted = await insertObject(tx, values, options.isClaimed);
    if (inserted) return { row: inserted, isNew: true };
    const there = await lockObjectAt(tx, actor, object);
    if (!there) continue;
    const [locked] = await lockObjects(tx, actor, [there.id]);
    const isGivenUp = there.status === 'pending' && there.expiresAt !== null && there.expiresAt <= new Date();
    if (!isGivenUp || locked?.isBusy) return { row: there, isNew: false };
    await enqueueRemoval(tx, there, options.prefix, actor.userId);
    await deleteRows(tx, [there.id]);
  }
  throw new NexusError('conflict', `Others upload and delete ${object.key} at this moment; try again.`, {
    details: { bucket: object.bucket, key: object.key },
  });
}

/** Whether a row is for exactly these bytes. */
export const isSameBytes = (row: ObjectRow, object: NewObject) =>
  row.sha256 === object.sha256 && row.sizeBytes === object.sizeBytes;

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
