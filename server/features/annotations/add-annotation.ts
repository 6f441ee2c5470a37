import { notFound } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { newDocumentId, topologyName } from '../context/index.ts';
import { authorOf } from '../users/index.ts';
import type { AddAnnotationInput, Annotation } from './contract.ts';
import { hasTarget, putAnnotation, removeAnnotation } from './store.ts';
import { targetOf } from './target.ts';

/**
 * Remarks on something. A target with a number must be in the workspace: throws `not_found` otherwise. Somebody else's
 * `createdBy` counts only from an admin.
 */
export async function addAnnotation(stores: Stores, actor: Actor, input: AddAnnotationInput): Promise<Annotation> {
  const { annotation, tags, targetType } = input;
  const { name: targetId, row } = targetOf(targetType, input.targetId);
  if (row && !(await hasTarget(stores.db, actor, row))) throw notFound(row.type, row.id);
  const createdBy = await authorOf(stores.db, actor, actor.isAdmin ? input.createdBy : undefined);
  const timestamp = new Date();
  const { id, rev } = await putAnnotation(stores, {
    _id: newDocumentId('ann'),
    target_id: targetId,
    target_type: targetType,
    annotation,
    tags,
    topology_id: row?.type === 'topology' ? topologyName(row.id) : null,
    timestamp: timestamp.toISOString(),
    created_by: createdBy,
    workspace_id: actor.workspaceId,
  });
  // The topology may have been deleted in between, and its annotations before this one came.
  if (row?.type === 'topology' && !(await hasTarget(stores.db, actor, row))) {
    await removeAnnotation(stores, id);
    throw notFound('topology', row.id);
  }
  return { id, rev, targetId, targetType, annotation, tags, timestamp, createdBy };
}
