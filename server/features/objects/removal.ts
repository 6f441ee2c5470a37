import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { NexusError } from '../../errors.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { stagingKeyOf } from './layout.ts';
import { hasEffectsFor, insertPlaces, type ObjectRow } from './store.ts';

const pollMs = 50;
const maxPolls = 100;
/** Keys of one effect: the most that S3 removes by one request. */
const maxKeys = 1000;

/** The outbox's name for a place in the object store: what touches one place is applied in order. */
const entityOf = (bucket: string, physicalKey: string) => `object:${bucket}/${physicalKey}`;

/** A row with the bytes to remove; bytes that another row shares (`isShared`) stay. */
export type Removal = { row: ObjectRow; prefix: string; isShared?: boolean };

/**
 * Decides the removal of whatever a row stands for: its bytes, what was staged for it, its multipart uploads.
 */
export async function enqueueRemoval(tx: Transaction, removal: Removal, createdBy: number | null): Promise<void> {
  const { workspaceId, storedBucket: bucket } = removal.row;
  const key = removal.prefix + removal.row.storedKey;
  const decided = { workspaceId, createdBy, entity: entityOf(bucket, key) };
  if (isInParts(removal.row)) {
    await enqueue(tx, { ...decided, kind: 'objects.abort-uploads.v1', payload: { bucket, key } });
  }
  const keys = keysOf(removal);
  if (keys.length > 0) await enqueue(tx, { ...decided, kind: 'objects.remove.v1', payload: { bucket, keys } });
}

/** The same of many rows, in effects of up to 1,000 keys, each of which the store removes by one request. */
export async function enqueueRemovals(
  tx: Transaction,
  removals: readonly Removal[],
  createdBy: number | null,
): Promise<void> {
  const batches = new Map<string, Removal[]>();
  for (const removal of removals) {
    const { row } = removal;
    // A multipart upload must end before its key is removed, or it may still become an object.
    const name = isInParts(row) ? row.id : `${row.workspaceId}/${row.storedBucket}`;
    const batch = batches.get(name);
    if (batch) batch.push(removal);
    else batches.set(name, [removal]);
  }
  for (const batch of batches.values()) {
    const [first] = batch;
    if (!first) continue;
    if (batch.length === 1) await enqueueRemoval(tx, first, createdBy);
    else await enqueueKeys(tx, first.row, batch.flatMap(keysOf), createdBy);
  }
}

const isInParts = ({ status, partSizeBytes }: ObjectRow) => status === 'pending' && partSizeBytes !== null;

function keysOf({ row, prefix, isShared }: Removal): string[] {
  const isStaged = row.status === 'pending' && row.partSizeBytes === null;
  return [...(isShared ? [] : [prefix + row.storedKey]), ...(isStaged ? [stagingKeyOf(row.id)] : [])];
}

async function enqueueKeys(
  tx: Transaction,
  { workspaceId, storedBucket: bucket }: ObjectRow,
  keys: readonly string[],
  createdBy: number | null,
): Promise<void> {
  for (let from = 0; from < keys.length; from += maxKeys) {
    const payload = { bucket, keys: keys.slice(from, from + maxKeys) };
    const entity = `objects:${bucket}/${randomUUID()}`;
    const id = await enqueue(tx, { workspaceId, createdBy, entity, kind: 'objects.remove.v1', payload });
    await insertPlaces(tx, id);
  }
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
    if (!(await hasEffectsFor(stores.db, entity, { bucket, key: physicalKey }))) return;
    if (poll === 0) stores.wakeRelay();
    await wait(pollMs);
  }
  throw new NexusError(
    'unavailable',
    `The bytes of an earlier object at ${physicalKey} are still being removed; try again shortly.`,
    { details: { store: 'objects', bucket, key: physicalKey } },
  );
}
