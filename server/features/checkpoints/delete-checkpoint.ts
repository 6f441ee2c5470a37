import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { Deletion } from '../contract.ts';
import { runDeletion } from '../deletion.ts';
import { deleteUnusedObjectRows } from '../objects/index.ts';
import { deleteCheckpointRow } from './store.ts';

/** Deletes a checkpoint and, unless something else needs it, its object; or tells what would go. Throws `not_found`. */
export function deleteCheckpoint(
  stores: Stores,
  actor: Actor,
  { id, dryRun }: { id: number; dryRun: boolean },
): Promise<Deletion> {
  return runDeletion(stores, { id, dryRun }, async (tx) => {
    const objectId = await deleteCheckpointRow(tx, actor, id);
    if (objectId === undefined) throw notFound('checkpoint', id);
    await recordAudit(tx, actor, 'checkpoints.delete', `checkpoint:${id}`);
    return deleteUnusedObjectRows(tx, actor, [objectId]);
  });
}
