import { NexusError, notFound } from '../../errors.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import type { ObjectInput } from './contract.ts';
import { enqueueRemoval } from './removal.ts';
import { deleteRows, lockObjects, lockSharers, objectPrefixOf, selectUses } from './store.ts';

const batchSize = 500;

/**
 * Deletes an object: its row at once, its bytes right after. Throws `not_found`, and `conflict` where a model version or
 * a checkpoint needs it, or where its upload is being completed.
 */
export async function deleteObject(stores: Stores, actor: Actor, { id }: ObjectInput): Promise<{ id: string }> {
  await stores.db.transaction(async (tx) => {
    if ((await deleteObjectRows(tx, actor, [id])) === 0) throw notFound('object', id);
    await recordAudit(tx, actor, 'objects.delete', `object:${id}`);
  });
  stores.wakeRelay();
  return { id };
}

/**
 * Deletes the rows of objects and decides the removal of their bytes, in the caller's transaction; call
 * `stores.wakeRelay()` after it. Ids that are gone already are passed over. Answers how many there were. Throws
 * `conflict` where something needs one of them, or a call is completing it.
 */
export function deleteObjectRows(tx: Transaction, actor: Actor, ids: readonly string[]): Promise<number> {
  return inBatches(ids, async (batch) => {
    const [use] = await selectUses(tx, actor, batch);
    if (use) {
      throw new NexusError('conflict', `Object ${use.objectId} is needed by ${use.usedBy}; delete that first.`, {
        details: { id: use.objectId, usedBy: use.usedBy },
      });
    }
    return deleteBatch(tx, actor, batch);
  });
}

/** The same, but leaves those that a model version or a checkpoint still needs. */
export function deleteUnusedObjectRows(tx: Transaction, actor: Actor, ids: readonly string[]): Promise<number> {
  return inBatches(ids, async (batch) => {
    const used = new Set((await selectUses(tx, actor, batch)).map((use) => use.objectId));
    return deleteBatch(
      tx,
      actor,
      batch.filter((id) => !used.has(id)),
    );
  });
}

async function inBatches(ids: readonly string[], work: (batch: readonly string[]) => Promise<number>): Promise<number> {
  let count = 0;
  for (let from = 0; from < ids.length; from += batchSize) count += await work(ids.slice(from, from + batchSize));
  return count;
}

async function deleteBatch(tx: Transaction, actor: Actor, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const sharers = await lockSharers(tx, actor, ids);
  const locked = await lockObjects(tx, actor, ids);
  const busy = locked.find(({ isBusy }) => isBusy);
  if (busy) {
    throw new NexusError(
      'conflict',
      `The upload of ${busy.row.key} is being completed at this moment; try again shortly.`,
      {
        details: { id: busy.row.id, key: busy.row.key },
      },
    );
  }
  if (locked.length === 0) return 0;
  const prefix = await objectPrefixOf(tx, actor);
  const going = new Set(locked.map(({ row }) => row.id));
  // Bytes go with the last row that has them.
  const kept = new Set(sharers.filter(({ id }) => !going.has(id)).map(placeName));
  const removed = new Set<string>();
  for (const { row } of locked) {
    const isShared = kept.has(placeName(row)) || removed.has(placeName(row));
    await enqueueRemoval(tx, row, { prefix, createdBy: actor.userId, isShared });
    removed.add(placeName(row));
  }
  await deleteRows(tx, [...going]);
  return locked.length;
}

const placeName = ({ storedBucket, storedKey }: { storedBucket: string; storedKey: string }) =>
  `${storedBucket}/${storedKey}`;
