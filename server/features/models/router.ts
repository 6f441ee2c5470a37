import { procedure, router } from '../../api/procedures.ts';
import { Deletion } from '../contract.ts';
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

export const modelsRouter = router({
  upload: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: {
          name: 'trained-model-v1',
          model_data: { layers: 6 },
          metadata: { accuracy: 0.94, compression: 0.1 },
        },
        method: 'POST',
        path: '/models',
        status: 201,
      },
      does: 'Adds a version to a model, from a JSON document or from an uploaded object.',
      refuses: {
        too_large: 'The document has more than 16 MiB.',
        conflict: '`requestId` is that of another upload.',
        precondition_failed: 'The object is not ready.',
      },
    })
    .input(UploadModelInput)
    .output(ModelVersion)
    .mutation(({ ctx, input }) => uploadModel(ctx.stores, ctx.actor, input)),
  download: procedure
    .meta({
      rest: { method: 'GET', path: '/models/download' },
      does: 'A version of a model with its document, where it is JSON, and a URL of its bytes.',
      refuses: { not_found: 'There is no such model or version.' },
    })
    .input(DownloadModelInput)
    .output(DownloadedModel)
    .query(({ ctx, input }) => downloadModel(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/models/{id}' }, does: 'A model, by its id or name, with its versions.' })
    .input(ModelInput)
    .output(ModelWithVersions)
    .query(({ ctx, input }) => getModel(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/models' }, does: 'Lists models, newest first.' })
    .input(ListModelsInput)
    .output(ModelPage)
    .query(({ ctx, input }) => listModels(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/models/{id}' },
      does: 'Deletes a model with its versions and their bytes, or tells what would go.',
    })
    .input(DeleteModelInput)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteModel(ctx.stores, ctx.actor, input)),
  deleteVersion: procedure
    .meta({
      rest: { method: 'DELETE', path: '/models/{id}/versions/{version}' },
      does: 'Deletes a version of a model with its bytes, or tells what would go.',
    })
    .input(DeleteModelVersionInput)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteModelVersion(ctx.stores, ctx.actor, input)),
  setAlias: procedure
    .meta({
      rest: { example: { version: 1 }, method: 'PUT', path: '/models/{id}/aliases/{alias}' },
      does: 'Gives a version of a model a name, such as champion; another version loses it.',
    })
    .input(SetAliasInput)
    .output(ModelWithVersions)
    .mutation(({ ctx, input }) => setAlias(ctx.stores, ctx.actor, input)),
  removeAlias: procedure
    .meta({
      rest: { method: 'DELETE', path: '/models/{id}/aliases/{alias}' },
      does: 'Takes a name away from a version of a model.',
    })
    .input(RemoveAliasInput)
    .output(ModelWithVersions)
    .mutation(({ ctx, input }) => removeAlias(ctx.stores, ctx.actor, input)),
});
