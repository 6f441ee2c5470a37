import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { Deletion } from '../contract.ts';
import { runDeletion } from '../deletion.ts';
import { deleteUnusedObjectRows } from '../objects/index.ts';
import { deleteDatasetRow, findRunOf, lockDataset, selectFileIds } from './store.ts';

/**
 * Deletes a dataset with its chunks and files: the rows in one transaction, the bytes right after it; or tells what would go. Throws `not_found`,
 * and `conflict` where a training run used it, for its lineage would lie otherwise.
 */
export function deleteDataset(
  stores: Stores,
  actor: Actor,
  { id, dryRun = false }: { id: number; dryRun?: boolean },
): Promise<Deletion> {
  return runDeletion(stores, { id, dryRun }, async (tx) => {
    const dataset = await lockDataset(tx, actor, id);
    if (!dataset) throw notFound('dataset', id);
    const run = await findRunOf(tx, actor, id);
    if (run !== undefined) {
      throw new NexusError(
        'conflict',
        `Dataset "${dataset.name}" was used by run ${run}; delete the runs that used it first.`,
        {
          details: { id, runId: run },
        },
      );
    }
    const removed = await deleteUnusedObjectRows(tx, actor, await selectFileIds(tx, actor, dataset.name));
    await deleteDatasetRow(tx, actor, id);
    await recordAudit(tx, actor, 'datasets.delete', `dataset:${id}`);
    return removed;
  });
}
