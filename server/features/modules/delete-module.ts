import { NexusError, notFound } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import { countUses, deleteModuleRow } from './store.ts';

/** Deletes a module that no run and no model version used. Throws `conflict` otherwise, and `not_found`. */
export async function deleteModule(stores: Stores, actor: Actor, { id }: { id: number }): Promise<{ id: number }> {
  return stores.db.transaction(async (tx) => {
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
    return { id };
  });
}
