import { z } from 'zod';
import { Embedding, maxMeasuredNeighbours } from '../chunks/contract.ts';
import { Id, refTo } from '../contract.ts';

const EfSearch = z.int().min(1).max(1000);

export const DatasetRecall = z
  .object({
    id: Id,
    datasetId: Id,
    k: z.int(),
    efSearch: z.int().describe('Candidates that the index looked at.'),
    recall: z.number().describe('Share of the true nearest k that the index found, 0 to 1.'),
    sampleCount: z.int().describe('Queries that were asked.'),
    chunkCount: z.int().describe('Chunks that the dataset had.'),
    medianMs: z.number().describe('Median time of a search by the index, in the server.'),
    p95Ms: z.number(),
    exactMedianMs: z.number().describe('Median time of comparing every vector.'),
    createdAt: z.date(),
  })
  .meta({ id: 'DatasetRecall', description: 'How much of the truth a search of a dataset finds, and how fast.' });
export type DatasetRecall = z.infer<typeof DatasetRecall>;

export const MeasureRecallInput = z
  .strictObject({
    datasetId: refTo('dataset'),
    k: z.int().min(1).max(maxMeasuredNeighbours).default(10),
    queries: z
      .array(Embedding)
      .min(1)
      .max(200)
      .optional()
      .describe('Vectors that were really asked for, 1 to 200; fewer of them are asked where a minute is over.'),
    sampleCount: z
      .int()
      .min(1)
      .max(200)
      .default(30)
      .describe(
        'Without `queries`: chunks of the dataset whose own vectors are the queries; fewer where a minute is over.',
      ),
    efSearch: z
      .array(EfSearch)
      .min(1)
      .max(10)
      .default([20, 50, 100, 200, 400])
      .describe(
        'Values to measure, each from 1 to 1,000; those below k + 1 count as k + 1, for no search looks at fewer.',
      ),
  })
  .meta({ id: 'MeasureRecallInput' });
export type MeasureRecallInput = z.infer<typeof MeasureRecallInput>;

export const RecallsInput = z.strictObject({ datasetId: refTo('dataset') }).meta({ id: 'RecallsInput' });

export const DatasetRecalls = z
  .object({ items: z.array(DatasetRecall).describe('Newest first, the latest 100.') })
  .meta({ id: 'DatasetRecalls' });
