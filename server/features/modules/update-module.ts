import { notFound } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import type { QloraModule, UpdateModuleInput } from './contract.ts';
import { updateModuleRow } from './store.ts';

/** Changes the fields that are given. Throws `not_found`. */
export async function updateModule(stores: Stores, actor: Actor, input: UpdateModuleInput): Promise<QloraModule> {
  return stores.db.transaction(async (tx) => {
    const module = await updateModuleRow(tx, actor, input);
    if (!module) throw notFound('module', input.id);
    await recordAudit(tx, actor, 'modules.update', `module:${module.id}`);
    return module;
  });
}
