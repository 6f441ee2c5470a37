import { z } from 'zod';
import {
  AnyJson,
  audited,
  dryRun,
  FreeJson,
  Id,
  jsonbObject,
  PageInput,
  pageOf,
  refTo,
  storableText,
} from '../contract.ts';
import { ContentType, ObjectPath, ObjectSegment, StoredObject } from '../objects/contract.ts';

export const DatasetRef = refTo('dataset');

/** The name is a folder of the bucket too, so that it is one part of a path. */
export const DatasetName = ObjectSegment.refine(
  (name) => [...name].length <= 200 && name.trim() === name,
  'must have at most 200 characters and no space at its ends',
);

export const Dataset = z
  .object({
    id: Id,
    name: z.string().describe('Unique in the workspace; the folder of its files.'),
    description: z.string(),
    metadata: FreeJson,
    chunkCount: z.int().describe('Text chunks in it.'),
    ...audited,
  })
  .meta({ id: 'Dataset', description: 'A named collection of files and of embedded text chunks.' });
export type Dataset = z.infer<typeof Dataset>;

export const CreateDatasetInput = z
  .strictObject({
    name: DatasetName.describe('Unique in the workspace; the folder of its files.'),
    description: storableText(10_000).default(''),
    metadata: jsonbObject().default({}),
    createdBy: refTo('user').optional().describe('Yourself; an admin may name another member.'),
  })
  .meta({ id: 'CreateDatasetInput' });
export type CreateDatasetInput = z.infer<typeof CreateDatasetInput>;

export const DatasetInput = z.strictObject({ id: DatasetRef }).meta({ id: 'DatasetInput' });

export const DeleteDatasetInput = DatasetInput.extend({ dryRun }).meta({ id: 'DeleteDatasetInput' });

export const ListDatasetsInput = PageInput.extend({
  name: storableText(200).optional().describe('Part of the name, in any case.'),
}).meta({ id: 'ListDatasetsInput' });
export type ListDatasetsInput = z.infer<typeof ListDatasetsInput>;

export const DatasetPage = pageOf(Dataset).meta({ id: 'DatasetPage' });

const DatasetFile = z
  .strictObject({
    name: ObjectPath.describe('The path below the dataset’s folder: `chunk_001.jsonl`.'),
    data: AnyJson.describe('A string is stored as text, anything else as JSON.'),
    type: ContentType.optional().describe('The media type, such as `application/x-ndjson`.'),
  })
  .meta({ id: 'DatasetFile', description: 'A small file that travels inside the call.' });

export const UploadDatasetInput = z
  .strictObject({
    name: DatasetName.describe('The dataset’s name; a new one is made.'),
    files: z
      .array(DatasetFile)
      .min(1)
      .max(1000)
      .describe('1 to 1,000 files of at most 16 MiB each; more by `objects.begin`.'),
    metadata: jsonbObject().default({}).describe('Metadata of a new dataset.'),
  })
  .meta({ id: 'UploadDatasetInput' });
export type UploadDatasetInput = z.infer<typeof UploadDatasetInput>;

export const UploadedDataset = z
  .object({
    dataset: Dataset,
    files: z
      .array(StoredObject)
      .describe('In the order given; `key` is the path: `datasets/my-dataset/chunk_001.jsonl`.'),
  })
  .meta({ id: 'UploadedDataset' });
export type UploadedDataset = z.infer<typeof UploadedDataset>;
