import { z } from 'zod';
import type { Stores } from '../../stores/stores.ts';
import { buckets, stagingFolder, stagingKeyOf } from './layout.ts';
import { enqueueRemovals } from './removal.ts';
import { deleteRows, lockExpired, selectPendingIds } from './store.ts';

const pageSize = 100;
const maxPages = 1000;

/**
 * Gives up the pending uploads of every workspace whose time was over at `now`: rows at once, bytes, staged bytes and
 * multipart uploads by the outbox. A transaction for each hundred, and safe from several servers at once. Answers how
 * many there were.
 */
export async function sweepPendingObjects(stores: Stores, now: Date): Promise<number> {
  let count = 0;
  for (let page = 0; page < maxPages; page += 1) {
    const swept = await stores.db.transaction(async (tx) => {
      const expired = await lockExpired(tx, now, pageSize);
      await enqueueRemovals(tx, expired, null);
      if (expired.length > 0)
        await deleteRows(
          tx,
          expired.map(({ row }) => row.id),
        );
      return expired.length;
    });
    count += swept;
    if (swept < pageSize) break;
  }
  if (count > 0) stores.wakeRelay();
  return count;
}

/**
 * Removes what was sent to a staging key after its upload ended: a presigned PUT works for an hour, whatever became of the
 * row. Safe from several servers at once. Answers how many objects there were.
 */
export async function sweepStaging(stores: Stores): Promise<number> {
  let count = 0;
  for (const bucket of buckets) {
    let after = '';
    for (let page = 0; page < maxPages; page += 1) {
      const keys = await stores.objects.listKeys(bucket, stagingFolder, after);
      const last = keys.at(-1);
      if (last === undefined) break;
      const ids = keys.map((key) => key.slice(stagingFolder.length)).filter((id) => z.uuid().safeParse(id).success);
      const pending = ids.length > 0 ? await selectPendingIds(stores.db, ids) : new Set<string>();
      const strays = ids.filter((id) => !pending.has(id)).map(stagingKeyOf);
      await stores.objects.remove(bucket, strays);
      count += strays.length;
      after = last;
    }
  }
  return count;
}
