import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { Deletion } from '../contract.ts';
import { runDeletion } from '../deletion.ts';
import { deleteUnusedObjectRows } from '../objects/index.ts';
import type { DeleteModelInput, DeleteModelVersionInput } from './contract.ts';
import { requireModel } from './get-model.ts';
import { deleteModelRows, deleteVersionRow, lockModel } from './store.ts';

/**
 * Deletes a model with its versions, its aliases and, unless something else needs them, their objects; or tells what would
 * go. A model of the same name begins at version 1 again. Throws `not_found`.
 */
export async function deleteModel(
  stores: Stores,
  actor: Actor,
  { id: idOrName, dryRun }: DeleteModelInput,
): Promise<Deletion> {
  const { id } = await requireModel(stores.db, actor, idOrName);
  return runDeletion(stores, { id, dryRun }, async (tx) => {
    if (!(await lockModel(tx, actor, id))) throw notFound('model', id);
    const objectIds = await deleteModelRows(tx, actor, id);
    await recordAudit(tx, actor, 'models.delete', `model:${id}`);
    return deleteUnusedObjectRows(tx, actor, objectIds);
  });
}

/**
 * Deletes one version with its aliases and, unless something else needs it, its object; or tells what would go. Its number
 * is not given again. Throws `not_found`.
 */
export async function deleteModelVersion(
  stores: Stores,
  actor: Actor,
  { id: idOrName, version, dryRun }: DeleteModelVersionInput,
): Promise<Deletion> {
  const { id, name } = await requireModel(stores.db, actor, idOrName);
  return runDeletion(stores, { id, dryRun }, async (tx) => {
    await lockModel(tx, actor, id);
    const objectId = await deleteVersionRow(tx, actor, id, version);
    if (objectId === undefined) throw notFound('model version', `${name} v${version}`);
    await recordAudit(tx, actor, 'models.deleteVersion', `model:${id}`, { version });
    return deleteUnusedObjectRows(tx, actor, [objectId]);
  });
}
