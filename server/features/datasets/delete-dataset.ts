import { NexusError, notFound } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import { deleteUnusedObjectRows } from '../objects/index.ts';
import { deleteDatasetRow, findRunOf, lockDataset, selectFileIds } from './store.ts';

/**
 * Deletes a dataset with its chunks and files: the rows in one transaction, the bytes right after it. Throws `not_found`,
 * and `conflict` where a training run used it, for its lineage would lie otherwise.
 */
export async function deleteDataset(stores: Stores, actor: Actor, { id }: { id: number }): Promise<{ id: number }> {
  await stores.db.transaction(async (tx) => {
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
    await deleteUnusedObjectRows(tx, actor, await selectFileIds(tx, actor, dataset.name));
    await deleteDatasetRow(tx, actor, id);
    await recordAudit(tx, actor, 'datasets.delete', `dataset:${id}`);
  });
  stores.wakeRelay();
  return { id };
}
