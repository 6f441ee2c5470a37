import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { Deletion } from '../contract.ts';
import { addBytes, noBytes, type RemovedBytes, runDeletion } from '../deletion.ts';
import { enqueueRemovals } from './removal.ts';
import { deleteRows, lockSharers, objectPrefixOf, selectUses } from './store.ts';

/** Keys that one effect removes. */
const batchSize = 1000;

/**
 * Deletes an object: its row at once, its bytes right after, unless another object shares them. Throws `not_found`, and
 * `conflict` where a model version, a checkpoint or a module needs it, or where its upload is being completed.
 */
export function deleteObject(
  stores: Stores,
  actor: Actor,
  { id, dryRun = false }: { id: string; dryRun?: boolean },
): Promise<Deletion & { id: string }> {
  return runDeletion(stores, { id, dryRun }, async (tx) => {
    const removed = await deleteObjectRows(tx, actor, [id]);
    if (!removed) throw notFound('object', id);
    await recordAudit(tx, actor, 'objects.delete', `object:${id}`);
    return removed;
  });
}

/**
 * Deletes the rows of objects and decides the removal of their bytes, in the caller's transaction; call
 * `stores.wakeRelay()` after it. Ids that are gone already are passed over; undefined where all are. Throws `conflict` where
 * something needs one of them, or a call is completing it.
 */
export async function deleteObjectRows(
  tx: Transaction,
  actor: Actor,
  ids: readonly string[],
): Promise<RemovedBytes | undefined> {
  const [use] = await selectUses(tx, actor, ids);
  if (use) {
    throw new NexusError('conflict', `Object ${use.objectId} is needed by ${use.usedBy}; delete that first.`, {
      details: { id: use.objectId, usedBy: use.usedBy },
    });
  }
  return deleteBatch(tx, actor, ids);
}

/** The same, page by page, but leaves those that a model version, a checkpoint or a module still needs. */
export async function deleteUnusedObjectRows(
  tx: Transaction,
  actor: Actor,
  ids: readonly string[],
): Promise<RemovedBytes> {
  let removed = noBytes;
  // In one order, so that two deletions whose objects share bytes wait for each other only one way.
  const ordered = [...ids].sort();
  for (let from = 0; from < ordered.length; from += batchSize) {
    const batch = ordered.slice(from, from + batchSize);
    const used = new Set((await selectUses(tx, actor, batch)).map((use) => use.objectId));
    const unused = batch.filter((id) => !used.has(id));
    removed = addBytes(removed, (await deleteBatch(tx, actor, unused)) ?? noBytes);
  }
  return removed;
}

async function deleteBatch(tx: Transaction, actor: Actor, ids: readonly string[]): Promise<RemovedBytes | undefined> {
  if (ids.length === 0) return undefined;
  const asked = new Set(ids);
  const sharers = await lockSharers(tx, actor, ids);
  const locked = sharers.filter(({ row }) => asked.has(row.id));
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
  if (locked.length === 0) return undefined;
  const prefix = await objectPrefixOf(tx, actor);
  const going = new Set(locked.map(({ row }) => row.id));
  // Bytes go with the last row that has them.
  const kept = new Set(sharers.flatMap(({ row }) => (going.has(row.id) ? [] : placeName(row))));
  const gone = new Set<string>();
  let removed = noBytes;
  const removals = locked.map(({ row }) => {
    const isShared = kept.has(placeName(row)) || gone.has(placeName(row));
    gone.add(placeName(row));
    if (!isShared) removed = addBytes(removed, { objectCount: 1, objectBytes: row.sizeBytes });
    return { row, prefix, isShared };
  });
  await enqueueRemovals(tx, removals, actor.userId);
  await deleteRows(tx, [...going]);
  return removed;
}

const placeName = ({ storedBucket, storedKey }: { storedBucket: string; storedKey: string }) =>
  `${storedBucket}/${storedKey}`;
