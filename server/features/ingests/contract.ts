import { z } from 'zod';
import { audited, Id, PageInput, pageOf, refTo } from '../contract.ts';
import { ObjectId, PartsSha256, WholeSha256 } from '../objects/contract.ts';

const IngestStatus = z.enum(['running', 'done', 'failed', 'canceled']);

export const DatasetIngest = z
  .object({
    id: Id,
    datasetId: Id,
    objectId: ObjectId,
    objectKey: z.string(),
    objectSha256: WholeSha256,
    objectPartsSha256: PartsSha256,
    status: IngestStatus,
    sizeBytes: z.int().describe('Bytes of the file as stored.'),
    bytesRead: z.int(),
    lineCount: z.int().describe('Lines that are in the dataset, or refused.'),
    newCount: z.int().describe('Chunks that the dataset had not.'),
    refusedCount: z.int().describe('Lines that are no chunk; `refusals` says why.'),
    error: z.string().nullable().describe('Why it failed. What was read before stays in the dataset.'),
    version: z.int().nullable().describe('1, 2, 3 … of the dataset, once it is done.'),
    chunkCount: z.int().nullable().describe('Different texts that were in the file, once it is done.'),
    contentSha256: z
      .string()
      .nullable()
      .describe('SHA-256 over the sorted SHA-256s of its texts: equal where two versions hold the same.'),
    finishedAt: z.date().nullable(),
    ...audited,
  })
  .meta({
    id: 'DatasetIngest',
    description: 'The reading of an uploaded file into a dataset, and, when it is done, a version of the dataset.',
  });
export type DatasetIngest = z.infer<typeof DatasetIngest>;

export const IngestDatasetInput = z
  .strictObject({
    datasetId: refTo('dataset'),
    objectId: ObjectId.describe(
      'A ready object of kind `dataset_file`: a JSON object `{ content, embedding, metadata }` a line, gzip or not.',
    ),
  })
  .meta({ id: 'IngestDatasetInput' });
export type IngestDatasetInput = z.infer<typeof IngestDatasetInput>;

export const IngestInput = z.strictObject({ id: refTo('ingest') }).meta({ id: 'IngestInput' });
export type IngestInput = z.infer<typeof IngestInput>;

export const ListIngestsInput = PageInput.extend({
  datasetId: refTo('dataset'),
  status: IngestStatus.optional().describe('`done`: the versions of the dataset.'),
}).meta({ id: 'ListIngestsInput' });
export type ListIngestsInput = z.infer<typeof ListIngestsInput>;
export const DatasetIngestPage = pageOf(DatasetIngest).meta({ id: 'DatasetIngestPage' });

export const FollowIngestInput = z
  .strictObject({
    id: refTo('ingest'),
    lastEventId: z.string().max(100).nullish().describe('Id of the last event seen; the client sends it itself.'),
  })
  .meta({ id: 'FollowIngestInput' });
export type FollowIngestInput = z.infer<typeof FollowIngestInput>;

export const IngestRefusal = z
  .object({ line: z.int().describe('From 1.'), reason: z.string() })
  .meta({ id: 'IngestRefusal', description: 'A line that is no chunk.' });
export type IngestRefusal = z.infer<typeof IngestRefusal>;

export const ListRefusalsInput = PageInput.extend({ id: refTo('ingest') }).meta({ id: 'ListRefusalsInput' });
export type ListRefusalsInput = z.infer<typeof ListRefusalsInput>;
export const IngestRefusalPage = pageOf(IngestRefusal).meta({
  id: 'IngestRefusalPage',
  description: 'In the order of the lines; the first 10,000 are kept.',
});

export const VersionHashesInput = z
  .strictObject({
    datasetId: refTo('dataset'),
    version: z.int().min(1).max(2_147_483_647),
    limit: z.int().min(1).max(10_000).default(1000),
    cursor: z.string().max(500).optional().describe('`nextCursor` of the page before.'),
  })
  .meta({ id: 'VersionHashesInput' });
export type VersionHashesInput = z.infer<typeof VersionHashesInput>;
export const VersionHashes = pageOf(z.string()).meta({
  id: 'VersionHashes',
  description: 'SHA-256 of each text that was in the version, in their order.',
});
