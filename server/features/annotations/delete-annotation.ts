import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { requireOwn } from './own-annotation.ts';
import { enqueueRemoval, findAnnotation, removeAnnotation } from './store.ts';

/** Deletes an annotation: its author's, or any by an owner or an admin (`forbidden` otherwise). Throws `not_found`. */
export async function deleteAnnotation(stores: Stores, actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  const annotation = await findAnnotation(stores, actor, id);
  if (!annotation) throw notFound('annotation', id);
  requireOwn(actor, annotation);
  await stores.db.transaction(async (tx) => {
    await recordAudit(tx, actor, 'annotations.delete', `annotation:${id}`);
    await enqueueRemoval(tx, actor, id);
  });
  stores.wakeRelay();
  try {
    // Removes it at once for lists that follow; the relay repeats a failure.
    await removeAnnotation(stores, id);
  } catch (error) {
    stores.log.warn({ err: error, id }, 'The annotation is removed by the relay.');
  }
  return { id };
}
