import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { removeCheckpointsOf } from '../checkpoints/index.ts';
import { countContextOf, forgetContextOf } from '../context/index.ts';
import type { Deletion } from '../contract.ts';
import { runDeletion } from '../deletion.ts';
import { deleteTopologyRow, findTopology, forgetOrigin } from './store.ts';

/**
 * Deletes a topology with its modules, runs, checkpoints, context, annotations and experiments: the rows in one
 * transaction, bytes and documents right after it. Model versions stay. Throws `not_found`.
 */
export async function deleteTopology(
  stores: Stores,
  actor: Actor,
  { id, dryRun = false }: { id: number; dryRun?: boolean },
): Promise<Deletion> {
  const documentCount = dryRun ? await countContextOf(stores, actor, id) : null;
  return runDeletion(stores, { id, dryRun, documentCount }, async (tx) => {
    if (!(await findTopology(tx, actor, id))) throw notFound('topology', id);
    await forgetContextOf(tx, actor, id);
    await forgetOrigin(tx, actor, id);
    const removed = await removeCheckpointsOf(tx, actor, id);
    await deleteTopologyRow(tx, actor, id);
    await recordAudit(tx, actor, 'topologies.delete', `topology:${id}`);
    return removed;
  });
}
