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
      rest: { method: 'POST', path: '/annotations', status: 201 },
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
      rest: { method: 'PATCH', path: '/annotations/{id}' },
      does: 'Changes an annotation: its author’s own, or any by an owner; what it was stays in its history.',
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
    })
    .input(AnnotationInput)
    .output(Done)
    .mutation(({ ctx, input }) => deleteAnnotation(ctx.stores, ctx.actor, input)),
});
