import type { Stores } from '../../stores/stores.ts';
import { deleteEntriesBefore } from './store.ts';

const batch = 5_000;
const mostBatches = 200;

/** Ends what the log has kept for `days`, at most 1,000,000 entries a call, so that no transaction is long. */
export async function endOldEntries(stores: Pick<Stores, 'db'>, days: number, now: Date): Promise<number> {
  const before = new Date(now.getTime() - days * 86_400_000);
  let ended = 0;
  for (let round = 0; round < mostBatches; round += 1) {
    const count = await deleteEntriesBefore(stores.db, before, batch);
    ended += count;
    if (count < batch) break;
  }
  return ended;
}
