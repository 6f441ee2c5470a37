import { setTimeout as wait } from 'node:timers/promises';
import { NexusError } from '../../errors.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { stagingKeyOf } from './layout.ts';
import { hasEffectsFor, type ObjectRow } from './store.ts';

const pollMs = 50;
const maxPolls = 100;

/** The outbox's name for a place in the object store: what touches one place is applied in order. */
const entityOf = (bucket: string, physicalKey: string) => `object:${bucket}/${physicalKey}`;

/**
 * Decides the removal of whatever a row stands for: its bytes, unless another row shares them (`isShared`), what was staged
 * for it, its multipart uploads.
 */
export async function enqueueRemoval(
  tx: Transaction,
  row: ObjectRow,
  options: { prefix: string; createdBy: number | null; isShared?: boolean },
): Promise<void> {
  const { workspaceId, storedBucket: bucket, status } = row;
  const key = options.prefix + row.storedKey;
  const decided = { workspaceId, createdBy: options.createdBy, entity: entityOf(bucket, key) };
  if (status === 'pending' && row.partSizeBytes !== null) {
    await enqueue(tx, { ...decided, kind: 'objects.abort-uploads.v1', payload: { bucket, key } });
  }
  const isStaged = status === 'pending' && row.partSizeBytes === null;
  const keys = [...(options.isShared ? [] : [key]), ...(isStaged ? [stagingKeyOf(row.id)] : [])];
  if (keys.length > 0) await enqueue(tx, { ...decided, kind: 'objects.remove.v1', payload: { bucket, keys } });
}

/** Decides the removal of one thing in the store that a row needs no longer, by its physical key. */
export async function enqueueKeyRemoval(tx: Transaction, row: ObjectRow, key: string): Promise<void> {
  const { workspaceId, createdBy, storedBucket: bucket } = row;
  const payload = { bucket, keys: [key] };
  await enqueue(tx, { workspaceId, createdBy, entity: entityOf(bucket, key), kind: 'objects.remove.v1', payload });
}

/** Decides the end of a multipart upload that another call's upload of the same object made needless. */
export async function enqueueAbort(tx: Transaction, row: ObjectRow, prefix: string, uploadId: string): Promise<void> {
  const { workspaceId, createdBy, storedBucket: bucket } = row;
  const key = prefix + row.storedKey;
  const payload = { bucket, key, uploadId };
  await enqueue(tx, {
    workspaceId,
    createdBy,
    entity: entityOf(bucket, key),
    kind: 'objects.abort-upload.v1',
    payload,
  });
}

/**
 * Waits, 5 s at most, until nothing in the outbox is still to remove an earlier object of this key; the removal would
 * take the new bytes with it. Call it when the row of the key is yours, so that no other removal can be decided.
 */
export async function untilRemoved(stores: Stores, bucket: string, physicalKey: string): Promise<void> {
  const entity = entityOf(bucket, physicalKey);
  for (let poll = 0; poll < maxPolls; poll += 1) {
    if (!(await hasEffectsFor(stores.db, entity))) return;
    if (poll === 0) stores.wakeRelay();
    await wait(pollMs);
  }
  throw new NexusError(
    'unavailable',
    `The bytes of an earlier object at ${physicalKey} are still being removed; try again shortly.`,
    { details: { store: 'objects', bucket, key: physicalKey } },
  );
}
