import { procedure, router } from '../../api/procedures.ts';
import { Checkpoint, CheckpointPage, ListCheckpointsInput, UploadCheckpointInput } from './contract.ts';
import { listCheckpoints } from './list-checkpoints.ts';
import { uploadCheckpoint } from './upload-checkpoint.ts';

export const checkpointsRouter = router({
  upload: procedure
    .meta({
      rest: { method: 'POST', path: '/checkpoints', status: 201 },
      does: 'Keeps a checkpoint of a topology, from a JSON document or from an uploaded object.',
    })
    .input(UploadCheckpointInput)
    .output(Checkpoint)
    .mutation(({ ctx, input }) => uploadCheckpoint(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/checkpoints' }, does: 'Lists a topology’s checkpoints, newest first.' })
    .input(ListCheckpointsInput)
    .output(CheckpointPage)
    .query(({ ctx, input }) => listCheckpoints(ctx.stores, ctx.actor, input)),
});
