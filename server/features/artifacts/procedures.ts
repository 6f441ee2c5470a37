import { mutation, query } from '../define.ts';
import { StoredObject, StoredObjectPage } from '../objects/contract.ts';
import { ListArtifactsInput, UploadArtifactInput } from './contract.ts';
import { listArtifacts } from './list-artifacts.ts';
import { uploadArtifact } from './upload-artifact.ts';

export const artifacts = {
  upload: mutation({
    role: 'editor',
    rest: 'POST /artifacts',
    status: 201,
    example: { name: 'experiment-results/scores.json', data: { accuracy: 0.94 } },
    bodyMiB: 64,
    does: 'Stores an artifact of at most 16 MiB.',
    refuses: { too_large: 'It has more than 16 MiB.', conflict: 'There is something else by this name.' },
    input: UploadArtifactInput,
    output: StoredObject,
    run: ({ ctx, input }) => uploadArtifact(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /artifacts',
    does: 'Lists artifacts, newest first.',
    input: ListArtifactsInput,
    output: StoredObjectPage,
    run: ({ ctx, input }) => listArtifacts(ctx.stores, ctx.actor, input),
  }),
};
