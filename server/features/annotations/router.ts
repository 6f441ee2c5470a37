import { procedure, router } from '../../api/procedures.ts';
import { Done } from '../contract.ts';
import { addAnnotation } from './add-annotation.ts';
import { AddAnnotationInput, Annotation, AnnotationInput, AnnotationPage, ListAnnotationsInput } from './contract.ts';
import { deleteAnnotation } from './delete-annotation.ts';
import { listAnnotations } from './list-annotations.ts';

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
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/annotations/{id}' },
      does: 'Deletes an annotation: its author’s own, or any by an owner.',
    })
    .input(AnnotationInput)
    .output(Done)
    .mutation(({ ctx, input }) => deleteAnnotation(ctx.stores, ctx.actor, input)),
});
