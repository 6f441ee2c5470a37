import { Deletion } from '../contract.ts';
import { mutation, query } from '../define.ts';
import {
  DeleteModelInput,
  DeleteModelVersionInput,
  DownloadedModel,
  DownloadModelInput,
  ListModelsInput,
  ModelInput,
  ModelPage,
  ModelVersion,
  ModelWithVersions,
  RemoveAliasInput,
  SetAliasInput,
  UploadModelInput,
} from './contract.ts';
import { deleteModel, deleteModelVersion } from './delete-model.ts';
import { downloadModel } from './download-model.ts';
import { getModel } from './get-model.ts';
import { listModels } from './list-models.ts';
import { removeAlias, setAlias } from './set-alias.ts';
import { uploadModel } from './upload-model.ts';

export const models = {
  upload: mutation({
    role: 'editor',
    rest: 'POST /models',
    status: 201,
    example: {
      name: 'trained-model-v1',
      model_data: { layers: 6 },
      metadata: { accuracy: 0.94, compression: 0.1 },
    },
    bodyMiB: 64,
    does: 'Adds a version to a model, from a JSON document or from an uploaded object.',
    refuses: {
      too_large: 'The document has more than 16 MiB.',
      conflict: '`requestId` is that of another upload.',
      precondition_failed: 'The object is not ready.',
    },
    input: UploadModelInput,
    output: ModelVersion,
    run: ({ ctx, input }) => uploadModel(ctx.stores, ctx.actor, input),
  }),
  download: query({
    role: 'viewer',
    rest: 'GET /models/download',
    does: 'A version of a model with its document, where it is JSON, and a URL of its bytes.',
    refuses: { not_found: 'There is no such model or version.' },
    input: DownloadModelInput,
    output: DownloadedModel,
    run: ({ ctx, input }) => downloadModel(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /models/{id}',
    does: 'A model, by its id or name, with its versions.',
    input: ModelInput,
    output: ModelWithVersions,
    run: ({ ctx, input }) => getModel(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /models',
    does: 'Lists models, newest first.',
    input: ListModelsInput,
    output: ModelPage,
    run: ({ ctx, input }) => listModels(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /models/{id}',
    does: 'Deletes a model with its versions and their bytes, or tells what would go.',
    input: DeleteModelInput,
    output: Deletion,
    run: ({ ctx, input }) => deleteModel(ctx.stores, ctx.actor, input),
  }),
  deleteVersion: mutation({
    role: 'editor',
    rest: 'DELETE /models/{id}/versions/{version}',
    does: 'Deletes a version of a model with its bytes, or tells what would go.',
    input: DeleteModelVersionInput,
    output: Deletion,
    run: ({ ctx, input }) => deleteModelVersion(ctx.stores, ctx.actor, input),
  }),
  setAlias: mutation({
    role: 'editor',
    rest: 'PUT /models/{id}/aliases/{alias}',
    example: { version: 1 },
    does: 'Gives a version of a model a name, such as champion; another version loses it.',
    input: SetAliasInput,
    output: ModelWithVersions,
    run: ({ ctx, input }) => setAlias(ctx.stores, ctx.actor, input),
  }),
  removeAlias: mutation({
    role: 'editor',
    rest: 'DELETE /models/{id}/aliases/{alias}',
    does: 'Takes a name away from a version of a model.',
    input: RemoveAliasInput,
    output: ModelWithVersions,
    run: ({ ctx, input }) => removeAlias(ctx.stores, ctx.actor, input),
  }),
};
