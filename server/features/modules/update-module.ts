import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { requireReadyObject } from '../objects/index.ts';
import { refuseContradictions } from './attach-adapter.ts';
import type { QloraModule, UpdateModuleInput } from './contract.ts';
import { updateModuleRow } from './store.ts';

/** Changes the fields that are given. Throws `not_found`, and `precondition_failed` where they contradict its adapter. */
export async function updateModule(stores: Stores, actor: Actor, input: UpdateModuleInput): Promise<QloraModule> {
  return stores.db.transaction(async (tx) => {
    const module = await updateModuleRow(tx, actor, input);
    if (!module) throw notFound('module', input.id);
    // Its adapter was attached as that of the record as it was.
    const objectIds = [module.weightsObjectId, module.configObjectId].flatMap((id) => id ?? []);
    const contents = [];
    for (const id of objectIds) contents.push((await requireReadyObject(tx, actor, id)).contents);
    refuseContradictions(module, contents);
    await recordAudit(tx, actor, 'modules.update', `module:${module.id}`);
    return module;
  });
}
