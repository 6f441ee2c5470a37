import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { requireTopology } from '../topologies/index.ts';
import { authorOf } from '../users/index.ts';
import type { CreateModuleInput, QloraModule } from './contract.ts';
import { insertModule } from './store.ts';

/** Creates a module of a topology. Throws `not_found` for an unknown topology. */
export async function createModule(
  stores: Stores,
  actor: Actor,
  { createdBy, ...values }: CreateModuleInput,
): Promise<QloraModule> {
  return stores.db.transaction(async (tx) => {
    await requireTopology(tx, actor, values.topologyId);
    const author = await authorOf(tx, actor, createdBy);
    const module = await insertModule(tx, { ...values, workspaceId: actor.workspaceId, createdBy: author });
    await recordAudit(tx, actor, 'modules.create', `module:${module.id}`);
    return module;
  });
}
