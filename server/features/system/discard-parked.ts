import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { requireAdmin } from './admin.ts';
import type { ParkedInput, ParkedResult } from './contract.ts';
import { deleteParked } from './store.ts';

/**
 * Gives parked effects up for good: what they were to change stays as it is, and those behind them of the same entity go
 * on. Admins only.
 */
export async function discardParked(stores: Stores, actor: Actor, { ids }: ParkedInput): Promise<ParkedResult> {
  requireAdmin(actor);
  const discarded = await stores.db.transaction(async (tx) => {
    const found = await deleteParked(tx, ids);
    for (const { id, kind, entity } of found) {
      await recordAudit(tx, actor, 'system.discardParked', `effect:${id}`, { kind, entity });
    }
    return found.map(({ id }) => id);
  });
  stores.wakeRelay();
  return { ids: discarded };
}
