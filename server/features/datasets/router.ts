import { procedure, router } from '../../api/procedures.ts';
import { Deletion } from '../contract.ts';
import {
  CreateDatasetInput,
  Dataset,
  DatasetInput,
  DatasetPage,
  DeleteDatasetInput,
  ListDatasetsInput,
  UploadDatasetInput,
  UploadedDataset,
} from './contract.ts';
import { createDataset } from './create-dataset.ts';
import { deleteDataset } from './delete-dataset.ts';
import { getDataset } from './get-dataset.ts';
import { listDatasets } from './list-datasets.ts';
import { uploadDataset } from './upload-dataset.ts';

export const datasetsRouter = router({
  create: procedure
    .meta({
      rest: {
        example: { name: 'web-2024', description: 'Pages of 2024' },
        method: 'POST',
        path: '/datasets',
        status: 201,
      },
      does: 'Creates an empty dataset.',
      refuses: { conflict: 'The name is taken.' },
    })
    .input(CreateDatasetInput)
    .output(Dataset)
    .mutation(({ ctx, input }) => createDataset(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/datasets/{id}' }, does: 'A dataset.' })
    .input(DatasetInput)
    .output(Dataset)
    .query(({ ctx, input }) => getDataset(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/datasets' }, does: 'Lists datasets, newest first.' })
    .input(ListDatasetsInput)
    .output(DatasetPage)
    .query(({ ctx, input }) => listDatasets(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/datasets/{id}' },
      does: 'Deletes a dataset with its chunks and files, or tells what would go.',
      refuses: { conflict: 'A run used it.' },
    })
    .input(DeleteDatasetInput)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteDataset(ctx.stores, ctx.actor, input)),
  upload: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: { name: 'web-2024', files: [{ name: 'metadata.json', data: { lines: 2 } }] },
        method: 'POST',
        path: '/datasets/upload',
        status: 201,
      },
      does: 'Stores small files in a dataset’s folder; the dataset is made where it is new.',
      refuses: { too_large: 'A file has more than 16 MiB.', conflict: 'The dataset has other bytes by this name.' },
    })
    .input(UploadDatasetInput)
    .output(UploadedDataset)
    .mutation(({ ctx, input }) => uploadDataset(ctx.stores, ctx.actor, input)),
});
