import type { Stores } from '../../stores/stores.ts';
import { enqueueRemoval } from './removal.ts';
import { deleteRows, lockExpired } from './store.ts';

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
      for (const { row, prefix } of expired) await enqueueRemoval(tx, row, prefix, null);
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
