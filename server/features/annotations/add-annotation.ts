import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { DocumentId } from '../context/contract.ts';
import { newDocumentId, topologyName } from '../context/index.ts';
import { authorOf } from '../users/index.ts';
import type { AddAnnotationInput, Annotation, TargetType } from './contract.ts';
import { hasDocument, hasTarget, putAnnotation, removeAnnotation } from './store.ts';
import { noTarget, type Target, targetOf } from './target.ts';

/**
 * Remarks on something, which must be in the workspace: throws `not_found` otherwise, and `invalid_input` for what cannot be
 * a target of this type. Somebody else's `createdBy` counts only from an admin.
 */
export async function addAnnotation(stores: Stores, actor: Actor, input: AddAnnotationInput): Promise<Annotation> {
  const { annotation, tags, targetType } = input;
  const { name: targetId, row } = await requireTarget(stores, actor, targetType, input.targetId);
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

async function requireTarget(stores: Stores, actor: Actor, type: TargetType, given: number | string): Promise<Target> {
  const target = targetOf(type, given);
  if (target.row) {
    if (!(await hasTarget(stores.db, actor, target.row))) throw notFound(type, target.row.id);
    return target;
  }
  if (type !== 'document' || !DocumentId.safeParse(target.name).success) throw noTarget(type, given);
  if (!(await hasDocument(stores, actor, target.name))) throw notFound('document', target.name);
  return target;
}
