import { mutation, query, subscription } from '../define.ts';
import { cancelIngest } from './cancel-ingest.ts';
import {
  DatasetIngest,
  DatasetIngestPage,
  FollowIngestInput,
  IngestDatasetInput,
  IngestInput,
  IngestRefusalPage,
  ListIngestsInput,
  ListRefusalsInput,
  VersionHashes,
  VersionHashesInput,
} from './contract.ts';
import { followIngest } from './follow-ingest.ts';
import { getIngest, listIngests, listRefusals, listVersionHashes } from './get-ingest.ts';
import { ingestDataset } from './ingest-dataset.ts';

/** Join those of datasets. */
export const ingests = {
  ingest: mutation({
    role: 'editor',
    rest: 'POST /datasets/{dataset_id}/ingests',
    status: 201,
    example: { object_id: '01a20fca-0817-74ea-9794-a3c2a3dca66c' },
    does: 'Begins to read an uploaded JSONL file, gzip or not, into a dataset in the background.',
    refuses: { precondition_failed: 'The object is not ready.' },
    input: IngestDatasetInput,
    output: DatasetIngest,
    run: ({ ctx, input }) => ingestDataset(ctx.stores, ctx.actor, input),
  }),
  ingests: query({
    role: 'viewer',
    rest: 'GET /datasets/{dataset_id}/ingests',
    does: 'Lists the ingests of a dataset, newest first; those that are done are its versions.',
    input: ListIngestsInput,
    output: DatasetIngestPage,
    run: ({ ctx, input }) => listIngests(ctx.stores, ctx.actor, input),
  }),
  getIngest: query({
    role: 'viewer',
    rest: 'GET /ingests/{id}',
    does: 'An ingest as it is now.',
    input: IngestInput,
    output: DatasetIngest,
    run: ({ ctx, input }) => getIngest(ctx.stores, ctx.actor, input),
  }),
  followIngest: subscription({
    role: 'viewer',
    rest: 'GET /ingests/{id}/events',
    does: 'How an ingest goes on, until it is finished.',
    input: FollowIngestInput,
    output: DatasetIngest,
    run: ({ ctx, input }) => followIngest(ctx.stores, ctx.actor, input, ctx.signal),
  }),
  cancelIngest: mutation({
    role: 'editor',
    rest: 'POST /ingests/{id}/cancel',
    does: 'Ends an ingest that is running. What it has read stays in the dataset; it makes no version.',
    refuses: { conflict: 'It is done, or has failed.' },
    input: IngestInput,
    output: DatasetIngest,
    run: ({ ctx, input }) => cancelIngest(ctx.stores, ctx.actor, input),
  }),
  refusals: query({
    role: 'viewer',
    rest: 'GET /ingests/{id}/refusals',
    does: 'The lines that an ingest refused.',
    input: ListRefusalsInput,
    output: IngestRefusalPage,
    run: ({ ctx, input }) => listRefusals(ctx.stores, ctx.actor, input),
  }),
  versionHashes: query({
    role: 'viewer',
    rest: 'GET /datasets/{dataset_id}/versions/{version}/hashes',
    does: 'SHA-256s of the texts that were in a version of a dataset.',
    input: VersionHashesInput,
    output: VersionHashes,
    run: ({ ctx, input }) => listVersionHashes(ctx.stores, ctx.actor, input),
  }),
};
