import { procedure, router } from '../../api/procedures.ts';
import { DocumentHistoryInput } from '../context/contract.ts';
import { Done } from '../contract.ts';
import { addAnnotation } from './add-annotation.ts';
import { annotationHistory } from './annotation-history.ts';
import {
  AddAnnotationInput,
  Annotation,
  AnnotationInput,
  AnnotationPage,
  AnnotationVersionPage,
  ListAnnotationsInput,
  UpdateAnnotationInput,
} from './contract.ts';
import { deleteAnnotation } from './delete-annotation.ts';
import { listAnnotations } from './list-annotations.ts';
import { updateAnnotation } from './update-annotation.ts';

export const annotationsRouter = router({
  add: procedure
    .meta({
      rest: {
        example: {
          target_id: 'topology-1',
          target_type: 'topology',
          annotation: 'Excellent performance on classification, poor on generation',
          tags: ['performance'],
        },
        method: 'POST',
        path: '/annotations',
        status: 201,
      },
      does: 'Annotates a topology, a run, a model …',
    })
    .input(AddAnnotationInput)
    .output(Annotation)
    .mutation(({ ctx, input }) => addAnnotation(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/annotations' }, does: 'Lists annotations, newest first.' })
    .input(ListAnnotationsInput)
    .output(AnnotationPage)
    .query(({ ctx, input }) => listAnnotations(ctx.stores, ctx.actor, input)),
  update: procedure
    .meta({
      rest: { example: { annotation: 'Poor on long texts' }, method: 'PATCH', path: '/annotations/{id}' },
      does: 'Changes an annotation: its author’s own, or any by an owner; what it was stays in its history.',
      refuses: {
        forbidden: 'It is somebody else’s, and you are no owner.',
        conflict: 'It was changed after `expectedRev`; `details.current` is what it is now.',
      },
    })
    .input(UpdateAnnotationInput)
    .output(Annotation)
    .mutation(({ ctx, input }) => updateAnnotation(ctx.stores, ctx.actor, input)),
  history: procedure
    .meta({
      rest: { method: 'GET', path: '/annotations/{id}/history' },
      does: 'What an annotation is and was, the newest first.',
    })
    .input(DocumentHistoryInput)
    .output(AnnotationVersionPage)
    .query(({ ctx, input }) => annotationHistory(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/annotations/{id}' },
      does: 'Deletes an annotation: its author’s own, or any by an owner.',
      refuses: { forbidden: 'It is somebody else’s, and you are no owner.' },
    })
    .input(AnnotationInput)
    .output(Done)
    .mutation(({ ctx, input }) => deleteAnnotation(ctx.stores, ctx.actor, input)),
});
