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

/** Decides the removal of whatever a row stands for: its bytes, what was staged for it, its multipart upload. */
export async function enqueueRemoval(
  tx: Transaction,
  row: ObjectRow,
  prefix: string,
  createdBy: number | null,
): Promise<void> {
  const { workspaceId, bucket, status, uploadId } = row;
  const key = prefix + row.key;
  const entity = entityOf(bucket, key);
  if (status === 'pending' && uploadId !== null) {
    const payload = { bucket, key, uploadId };
    await enqueue(tx, { workspaceId, createdBy, entity, kind: 'objects.abort-upload.v1', payload });
  }
  const isStaged = status === 'pending' && row.partSizeBytes === null;
  const keys = isStaged ? [key, stagingKeyOf(prefix, row.id)] : [key];
  await enqueue(tx, { workspaceId, createdBy, entity, kind: 'objects.remove.v1', payload: { bucket, keys } });
}

/** Decides the removal of what was staged for an object that is ready. */
export async function enqueueStagingRemoval(tx: Transaction, row: ObjectRow, prefix: string): Promise<void> {
  const key = stagingKeyOf(prefix, row.id);
  await enqueue(tx, {
    workspaceId: row.workspaceId,
    createdBy: row.createdBy,
    entity: entityOf(row.bucket, key),
    kind: 'objects.remove.v1',
    payload: { bucket: row.bucket, keys: [key] },
  });
}

/** Decides the end of a multipart upload that another call's upload of the same object made needless. */
export async function enqueueAbort(tx: Transaction, row: ObjectRow, prefix: string, uploadId: string): Promise<void> {
  const key = prefix + row.key;
  await enqueue(tx, {
    workspaceId: row.workspaceId,
    createdBy: row.createdBy,
    entity: entityOf(row.bucket, key),
    kind: 'objects.abort-upload.v1',
    payload: { bucket: row.bucket, key, uploadId },
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
