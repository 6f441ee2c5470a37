import { z } from 'zod';
import { AnyJson, audited, dryRun, FreeJson, Id, jsonbObject, Name, PageInput, pageOf, refTo } from '../contract.ts';
import { ObjectId, ObjectPath, PartsSha256, WholeSha256 } from '../objects/contract.ts';

export const Checkpoint = z
  .object({
    id: Id,
    name: z.string(),
    topologyId: Id,
    runId: Id.nullable(),
    step: z.int().nullable(),
    path: z.string().describe('The key of its bytes in the bucket: `checkpoints/topology-123/epoch-5.json`.'),
    bucket: z.string(),
    objectId: ObjectId,
    sizeBytes: z.int(),
    sha256: WholeSha256,
    partsSha256: PartsSha256,
    contentType: z.string(),
    metadata: FreeJson,
    ...audited,
  })
  .meta({ id: 'Checkpoint', description: 'The state of a topology’s training at a step.' });
export type Checkpoint = z.infer<typeof Checkpoint>;

export const UploadCheckpointInput = z
  .strictObject({
    name: Name.pipe(ObjectPath).describe('Names one checkpoint of its topology.'),
    topologyId: refTo('topology'),
    checkpointData: AnyJson.optional().describe(
      'Any JSON up to 16 MiB, stored as `checkpoints/topology-<id>/<name>.json`.',
    ),
    objectId: ObjectId.optional().describe(
      'Instead of checkpointData: a ready object of kind `checkpoint` of this topology.',
    ),
    step: z.int().min(0).optional(),
    runId: refTo('run').optional(),
    metadata: jsonbObject().default({}),
  })
  .refine(({ checkpointData, objectId }) => (checkpointData === undefined) !== (objectId === undefined), {
    path: ['checkpointData'],
    message: 'give either checkpointData or objectId',
  })
  .meta({ id: 'UploadCheckpointInput' });
export type UploadCheckpointInput = z.infer<typeof UploadCheckpointInput>;

export const CheckpointInput = z.strictObject({ id: refTo('checkpoint') }).meta({ id: 'CheckpointInput' });

export const DeleteCheckpointInput = CheckpointInput.extend({ dryRun }).meta({ id: 'DeleteCheckpointInput' });

export const ListCheckpointsInput = PageInput.extend({ topologyId: refTo('topology') }).meta({
  id: 'ListCheckpointsInput',
});
export type ListCheckpointsInput = z.infer<typeof ListCheckpointsInput>;

export const CheckpointPage = pageOf(Checkpoint).meta({ id: 'CheckpointPage' });
