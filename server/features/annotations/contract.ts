import { z } from 'zod';
import { DocumentId } from '../context/contract.ts';
import { ExpectedRev, Id, PageInput, pageOf, refTo, storableText, versionOf } from '../contract.ts';

export const TargetType = z
  .enum(['topology', 'module', 'run', 'dataset', 'model', 'chunk', 'document'])
  .meta({ id: 'TargetType', description: 'The kind of thing that an annotation is about.' });
export type TargetType = z.infer<typeof TargetType>;

const TargetId = z
  .union([Id, storableText(200).min(1)])
  .describe('123, "123" or "topology-123"; a document by its id. It must be in the workspace.');

export const Annotation = z
  .object({
    id: z.string(),
    rev: z.string().describe('CouchDB’s revision.'),
    targetId: z.string().describe('"topology-123" for the topology 123, and so on; a text as given.'),
    targetType: TargetType,
    annotation: z.string(),
    tags: z.array(z.string()),
    timestamp: z.date(),
    createdBy: Id.nullable(),
  })
  .meta({ id: 'Annotation', description: 'A remark on a topology, a run, a document …' });
export type Annotation = z.infer<typeof Annotation>;

export const AddAnnotationInput = z
  .strictObject({
    targetId: TargetId,
    targetType: TargetType,
    annotation: storableText(20_000).min(1),
    tags: z.array(storableText(100).min(1)).max(50).default([]),
    createdBy: refTo('user').optional().describe('Yourself; an admin may name another member.'),
  })
  .meta({ id: 'AddAnnotationInput' });
export type AddAnnotationInput = z.infer<typeof AddAnnotationInput>;

export const UpdateAnnotationInput = z
  .strictObject({
    id: DocumentId,
    expectedRev: ExpectedRev,
    annotation: storableText(20_000).min(1).optional(),
    tags: z.array(storableText(100).min(1)).max(50).optional(),
  })
  .meta({ id: 'UpdateAnnotationInput', description: 'Fields left out stay unchanged.' });
export type UpdateAnnotationInput = z.infer<typeof UpdateAnnotationInput>;

export const AnnotationVersion = versionOf(Annotation).meta({
  id: 'AnnotationVersion',
  description: 'A version of an annotation.',
});
export const AnnotationVersionPage = pageOf(AnnotationVersion).meta({ id: 'AnnotationVersionPage' });

export const ListAnnotationsInput = PageInput.extend({
  targetId: TargetId.optional().describe('With `targetType`; a number alone is a topology’s.'),
  targetType: TargetType.optional(),
}).meta({ id: 'ListAnnotationsInput' });
export type ListAnnotationsInput = z.infer<typeof ListAnnotationsInput>;

export const AnnotationPage = pageOf(Annotation).meta({ id: 'AnnotationPage' });
export const AnnotationInput = z.strictObject({ id: DocumentId }).meta({ id: 'AnnotationInput' });
