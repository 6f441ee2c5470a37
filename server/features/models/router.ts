import { procedure, router } from '../../api/procedures.ts';
import {
  DownloadedModel,
  DownloadModelInput,
  ListModelsInput,
  ModelInput,
  ModelPage,
  ModelVersion,
  ModelWithVersions,
  UploadModelInput,
} from './contract.ts';
import { downloadModel } from './download-model.ts';
import { getModel } from './get-model.ts';
import { listModels } from './list-models.ts';
import { uploadModel } from './upload-model.ts';

export const modelsRouter = router({
  upload: procedure
    .meta({
      rest: { method: 'POST', path: '/models', status: 201 },
      does: 'Adds a version to a model, from a JSON document or from an uploaded object.',
    })
    .input(UploadModelInput)
    .output(ModelVersion)
    .mutation(({ ctx, input }) => uploadModel(ctx.stores, ctx.actor, input)),
  download: procedure
    .meta({
      rest: { method: 'GET', path: '/models/download' },
      does: 'A version of a model with its document, where it is JSON, and a URL of its bytes.',
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
});
