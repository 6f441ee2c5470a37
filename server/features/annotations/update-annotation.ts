import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { annotationDocuments, reviseDocument } from '../context/index.ts';
import type { Annotation, UpdateAnnotationInput } from './contract.ts';
import { requireOwn } from './own-annotation.ts';
import { annotationOf } from './store.ts';

/**
 * Changes an annotation: its author's own, or any by an owner or an admin (`forbidden` otherwise); what it was stays in the
 * history. Throws `not_found`, and `conflict` with the present one where it is no longer at `expectedRev`.
 */
export const updateAnnotation = (
  stores: Stores,
  actor: Actor,
  { id, expectedRev, annotation, tags }: UpdateAnnotationInput,
): Promise<Annotation> =>
  reviseDocument(stores, actor, {
    database: annotationDocuments.database,
    id,
    kind: 'annotation',
    expectedRev,
    read: annotationOf(actor),
    change: (current) => {
      requireOwn(actor, current);
      return { ...(annotation !== undefined && { annotation }), ...(tags !== undefined && { tags }) };
    },
  });
