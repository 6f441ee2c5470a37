import { procedure, router } from '../../api/procedures.ts';
import { Deletion } from '../contract.ts';
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

export const checkpointsRouter = router({
  upload: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: {
          name: 'best-model-checkpoint',
          topology_id: 'topology-1',
          step: 10,
          checkpoint_data: { epoch: 10, loss: 0.123 },
        },
        method: 'POST',
        path: '/checkpoints',
        status: 201,
      },
      does: 'Keeps a checkpoint of a topology, from a JSON document or from an uploaded object.',
      refuses: {
        too_large: 'The document has more than 16 MiB.',
        conflict: 'The topology has a checkpoint of this name.',
        precondition_failed: 'The object is not ready.',
      },
    })
    .input(UploadCheckpointInput)
    .output(Checkpoint)
    .mutation(({ ctx, input }) => uploadCheckpoint(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/checkpoints' }, does: 'Lists a topology’s checkpoints, newest first.' })
    .input(ListCheckpointsInput)
    .output(CheckpointPage)
    .query(({ ctx, input }) => listCheckpoints(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/checkpoints/{id}' }, does: 'A checkpoint.' })
    .input(CheckpointInput)
    .output(Checkpoint)
    .query(({ ctx, input }) => getCheckpoint(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/checkpoints/{id}' },
      does: 'Deletes a checkpoint with its bytes, or tells what would go.',
    })
    .input(DeleteCheckpointInput)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteCheckpoint(ctx.stores, ctx.actor, input)),
});
