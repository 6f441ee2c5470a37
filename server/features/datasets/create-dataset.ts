import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { authorOf } from '../users/index.ts';
import type { CreateDatasetInput, Dataset } from './contract.ts';
import { insertDataset } from './store.ts';

/**
 * Creates an empty dataset. Throws `conflict` where the workspace has one of this name, `forbidden` where `createdBy` names
 * another user and the actor is no admin, and `not_found` where it names nobody of the workspace.
 */
export function createDataset(
  stores: Stores,
  actor: Actor,
  { createdBy, ...values }: CreateDatasetInput,
): Promise<Dataset> {
  return stores.db.transaction(async (tx) => {
    const author = await authorOf(tx, actor, createdBy);
    const dataset = await insertDataset(tx, { ...values, workspaceId: actor.workspaceId, createdBy: author });
    if (!dataset) {
      throw new NexusError('conflict', `There is a dataset "${values.name}" already; use it, or choose another name.`, {
        details: { field: 'name', value: values.name },
      });
    }
    await recordAudit(tx, actor, 'datasets.create', `dataset:${dataset.id}`);
    return dataset;
  });
}
