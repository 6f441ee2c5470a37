import { procedure, router } from '../../api/procedures.ts';
import { StoredObject, StoredObjectPage } from '../objects/contract.ts';
import { ListArtifactsInput, UploadArtifactInput } from './contract.ts';
import { listArtifacts } from './list-artifacts.ts';
import { uploadArtifact } from './upload-artifact.ts';

export const artifactsRouter = router({
  upload: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: { name: 'experiment-results/scores.json', data: { accuracy: 0.94 } },
        method: 'POST',
        path: '/artifacts',
        status: 201,
      },
      does: 'Stores an artifact of at most 16 MiB.',
      refuses: { too_large: 'It has more than 16 MiB.', conflict: 'There is something else by this name.' },
    })
    .input(UploadArtifactInput)
    .output(StoredObject)
    .mutation(({ ctx, input }) => uploadArtifact(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/artifacts' }, does: 'Lists artifacts, newest first.' })
    .input(ListArtifactsInput)
    .output(StoredObjectPage)
    .query(({ ctx, input }) => listArtifacts(ctx.stores, ctx.actor, input)),
});
