import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { requireAdmin } from './admin.ts';
import type { ParkedInput, ParkedResult } from './contract.ts';
import { unparkEffects } from './store.ts';

/** Has parked effects tried again, from the first attempt. Those that are not parked are left alone. Admins only. */
export async function retryParked(stores: Stores, actor: Actor, { ids }: ParkedInput): Promise<ParkedResult> {
  requireAdmin(actor);
  const retried = await stores.db.transaction(async (tx) => {
    const found = await unparkEffects(tx, ids);
    for (const id of found) await recordAudit(tx, actor, 'system.retryParked', `effect:${id}`);
    return found;
  });
  stores.wakeRelay();
  return { ids: retried };
}
