import type { Stores } from '../../stores/stores.ts';
import { loseExpired } from './store.ts';

const pageSize = 100;
const maxPages = 1000;

/**
 * Marks the running runs of every workspace lost of which nothing was heard for longer than their lease. Safe from several
 * servers at once. Answers how many there were.
 */
export async function loseSilentRuns(stores: Pick<Stores, 'db' | 'signals'>): Promise<number> {
  let count = 0;
  for (let page = 0; page < maxPages; page += 1) {
    const ids = await stores.db.transaction((tx) => loseExpired(tx, pageSize));
    for (const id of ids) stores.signals.send(`run:${id}`);
    count += ids.length;
    if (ids.length < pageSize) break;
  }
  return count;
}
