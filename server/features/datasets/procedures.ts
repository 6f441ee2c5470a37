import { Deletion } from '../contract.ts';
import { mutation, query } from '../define.ts';
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

export const datasets = {
  create: mutation({
    role: 'editor',
    rest: 'POST /datasets',
    status: 201,
    example: { name: 'web-2024', description: 'Pages of 2024' },
    does: 'Creates an empty dataset.',
    refuses: { conflict: 'The name is taken.' },
    input: CreateDatasetInput,
    output: Dataset,
    run: ({ ctx, input }) => createDataset(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /datasets/{id}',
    does: 'A dataset.',
    input: DatasetInput,
    output: Dataset,
    run: ({ ctx, input }) => getDataset(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /datasets',
    does: 'Lists datasets, newest first.',
    input: ListDatasetsInput,
    output: DatasetPage,
    run: ({ ctx, input }) => listDatasets(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /datasets/{id}',
    does: 'Deletes a dataset with its chunks and files, or tells what would go.',
    refuses: { conflict: 'A run used it.' },
    input: DeleteDatasetInput,
    output: Deletion,
    run: ({ ctx, input }) => deleteDataset(ctx.stores, ctx.actor, input),
  }),
  upload: mutation({
    role: 'editor',
    rest: 'POST /datasets/upload',
    status: 201,
    example: { name: 'web-2024', files: [{ name: 'metadata.json', data: { lines: 2 } }] },
    bodyMiB: 64,
    does: 'Stores small files in a dataset’s folder; the dataset is made where it is new.',
    refuses: { too_large: 'A file has more than 16 MiB.', conflict: 'The dataset has other bytes by this name.' },
    input: UploadDatasetInput,
    output: UploadedDataset,
    run: ({ ctx, input }) => uploadDataset(ctx.stores, ctx.actor, input),
  }),
};
