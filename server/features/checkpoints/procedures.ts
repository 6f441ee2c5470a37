import { Deletion } from '../contract.ts';
import { mutation, query } from '../define.ts';
import {
  Checkpoint,
  CheckpointInput,
  CheckpointPage,
  DeleteCheckpointInput,
  ListCheckpointsInput,
  UploadCheckpointInput,
} from './contract.ts';
import { deleteCheckpoint } from './delete-checkpoint.ts';
import { getCheckpoint } from './get-checkpoint.ts';
import { listCheckpoints } from './list-checkpoints.ts';
import { uploadCheckpoint } from './upload-checkpoint.ts';

export const checkpoints = {
  upload: mutation({
    role: 'editor',
    rest: 'POST /checkpoints',
    status: 201,
    example: {
      name: 'best-model-checkpoint',
      topology_id: 'topology-1',
      step: 10,
      checkpoint_data: { epoch: 10, loss: 0.123 },
    },
    bodyMiB: 64,
    does: 'Keeps a checkpoint of a topology, from a JSON document or from an uploaded object.',
    refuses: {
      too_large: 'The document has more than 16 MiB.',
      conflict: 'The topology has a checkpoint of this name.',
      precondition_failed: 'The object is not ready.',
    },
    input: UploadCheckpointInput,
    output: Checkpoint,
    run: ({ ctx, input }) => uploadCheckpoint(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /checkpoints',
    does: 'Lists a topology’s checkpoints, newest first.',
    input: ListCheckpointsInput,
    output: CheckpointPage,
    run: ({ ctx, input }) => listCheckpoints(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /checkpoints/{id}',
    does: 'A checkpoint.',
    input: CheckpointInput,
    output: Checkpoint,
    run: ({ ctx, input }) => getCheckpoint(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /checkpoints/{id}',
    does: 'Deletes a checkpoint with its bytes, or tells what would go.',
    input: DeleteCheckpointInput,
    output: Deletion,
    run: ({ ctx, input }) => deleteCheckpoint(ctx.stores, ctx.actor, input),
  }),
};
