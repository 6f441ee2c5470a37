import { DocumentHistoryInput } from '../context/contract.ts';
import { Done } from '../contract.ts';
import { mutation, query } from '../define.ts';
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

export const annotations = {
  add: mutation({
    role: 'editor',
    rest: 'POST /annotations',
    status: 201,
    example: {
      target_id: 'topology-1',
      target_type: 'topology',
      annotation: 'Excellent performance on classification, poor on generation',
      tags: ['performance'],
    },
    does: 'Annotates a topology, a run, a model …',
    input: AddAnnotationInput,
    output: Annotation,
    run: ({ ctx, input }) => addAnnotation(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /annotations',
    does: 'Lists annotations, newest first.',
    input: ListAnnotationsInput,
    output: AnnotationPage,
    run: ({ ctx, input }) => listAnnotations(ctx.stores, ctx.actor, input),
  }),
  update: mutation({
    role: 'editor',
    rest: 'PATCH /annotations/{id}',
    example: { annotation: 'Poor on long texts' },
    does: 'Changes an annotation: its author’s own, or any by an owner; what it was stays in its history.',
    refuses: {
      forbidden: 'It is somebody else’s, and you are no owner.',
      conflict: 'It was changed after `expectedRev`; `details.current` is what it is now.',
    },
    input: UpdateAnnotationInput,
    output: Annotation,
    run: ({ ctx, input }) => updateAnnotation(ctx.stores, ctx.actor, input),
  }),
  history: query({
    role: 'viewer',
    rest: 'GET /annotations/{id}/history',
    does: 'Lists the versions of an annotation, newest first.',
    input: DocumentHistoryInput,
    output: AnnotationVersionPage,
    run: ({ ctx, input }) => annotationHistory(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /annotations/{id}',
    does: 'Deletes an annotation: its author’s own, or any by an owner.',
    refuses: { forbidden: 'It is somebody else’s, and you are no owner.' },
    input: AnnotationInput,
    output: Done,
    run: ({ ctx, input }) => deleteAnnotation(ctx.stores, ctx.actor, input),
  }),
};
