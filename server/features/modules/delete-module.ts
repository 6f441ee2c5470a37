import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { Deletion } from '../contract.ts';
import { runDeletion } from '../deletion.ts';
import { deleteUnusedObjectRows } from '../objects/index.ts';
import { countUses, deleteModuleRow } from './store.ts';

/**
 * Deletes a module that no run and no model version used, with its adapter's objects unless something else needs them; or
 * tells what would go. Throws `conflict` otherwise, and `not_found`.
 */
export function deleteModule(
  stores: Stores,
  actor: Actor,
  { id, dryRun = false }: { id: number; dryRun?: boolean },
): Promise<Deletion> {
  return runDeletion(stores, { id, dryRun }, async (tx) => {
    const uses = await countUses(tx, actor, id);
    if (uses.runs + uses.versions > 0) {
      throw new NexusError(
        'conflict',
        `Module ${id} is what ${uses.runs} training runs and ${uses.versions} model versions were made with; delete its topology, or keep it.`,
        { details: { id, ...uses } },
      );
    }
    const [deleted] = await deleteModuleRow(tx, actor, id);
    if (!deleted) throw notFound('module', id);
    await recordAudit(tx, actor, 'modules.delete', `module:${id}`);
    const objectIds = [deleted.weightsObjectId, deleted.configObjectId].flatMap((objectId) => objectId ?? []);
    return deleteUnusedObjectRows(tx, actor, objectIds);
  });
}
