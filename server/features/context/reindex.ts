import { allowLong } from '../../stores/postgres.ts';
import { applyChanges, type FollowerStores } from './follow-context.ts';
import { followed } from './followed.ts';
import { deleteStaleIndex, readClock } from './index-store.ts';
import { readChanges } from './store.ts';

const pageSize = 500;

/**
 * Builds the index of the search and the feed of the subscriptions anew from all that CouchDB has, while servers go on:
 * until the end, searches answer from what was there. Answers how many documents there are.
 */
export async function reindex(stores: FollowerStores): Promise<number> {
  const startedAt = await readClock(stores.db);
  let count = 0;
  for (const one of followed) {
    let since = '0';
    for (let isLast = false; !isLast; ) {
      const page = await readChanges(stores, one.database, { since, limit: pageSize, waitMs: 0, withDocuments: true });
      await applyChanges(stores, one, page, true);
      count += page.changes.filter(({ id, isDeleted }) => !isDeleted && !id.startsWith('_design/')).length;
      since = page.lastSequence;
      isLast = page.changes.length === 0;
    }
  }
  await stores.db.transaction(async (tx) => {
    await allowLong(tx);
    await deleteStaleIndex(tx, startedAt);
  });
  return count;
}
