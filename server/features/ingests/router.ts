import { liveProcedure, procedure, router, trackedBy } from '../../api/procedures.ts';
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

/** Joins the router of datasets. */
export const ingestsRouter = router({
  ingest: procedure
    .meta({
      rest: {
        example: { object_id: '01a20fca-0817-74ea-9794-a3c2a3dca66c' },
        method: 'POST',
        path: '/datasets/{dataset_id}/ingests',
        status: 201,
      },
      does: 'Begins to read an uploaded JSONL file, gzip or not, into a dataset in the background.',
      refuses: { precondition_failed: 'The object is not ready.' },
    })
    .input(IngestDatasetInput)
    .output(DatasetIngest)
    .mutation(({ ctx, input }) => ingestDataset(ctx.stores, ctx.actor, input)),
  ingests: procedure
    .meta({
      rest: { method: 'GET', path: '/datasets/{dataset_id}/ingests' },
      does: 'Lists the ingests of a dataset, newest first; those that are done are its versions.',
    })
    .input(ListIngestsInput)
    .output(DatasetIngestPage)
    .query(({ ctx, input }) => listIngests(ctx.stores, ctx.actor, input)),
  getIngest: procedure
    .meta({ rest: { method: 'GET', path: '/ingests/{id}' }, does: 'An ingest as it is now.' })
    .input(IngestInput)
    .output(DatasetIngest)
    .query(({ ctx, input }) => getIngest(ctx.stores, ctx.actor, input)),
  followIngest: liveProcedure
    .meta({
      rest: { method: 'GET', path: '/ingests/{id}/events' },
      yields: DatasetIngest,
      does: 'How an ingest goes on, until it is finished.',
    })
    .input(FollowIngestInput)
    .subscription(({ ctx, input }) => trackedBy(followIngest(ctx.stores, ctx.actor, input, ctx.signal))),
  cancelIngest: procedure
    .meta({
      rest: { method: 'POST', path: '/ingests/{id}/cancel' },
      does: 'Ends an ingest that is running. What it has read stays in the dataset; it makes no version.',
      refuses: { conflict: 'It is done, or has failed.' },
    })
    .input(IngestInput)
    .output(DatasetIngest)
    .mutation(({ ctx, input }) => cancelIngest(ctx.stores, ctx.actor, input)),
  refusals: procedure
    .meta({ rest: { method: 'GET', path: '/ingests/{id}/refusals' }, does: 'The lines that an ingest refused.' })
    .input(ListRefusalsInput)
    .output(IngestRefusalPage)
    .query(({ ctx, input }) => listRefusals(ctx.stores, ctx.actor, input)),
  versionHashes: procedure
    .meta({
      rest: { method: 'GET', path: '/datasets/{dataset_id}/versions/{version}/hashes' },
      does: 'SHA-256s of the texts that were in a version of a dataset.',
    })
    .input(VersionHashesInput)
    .output(VersionHashes)
    .query(({ ctx, input }) => listVersionHashes(ctx.stores, ctx.actor, input)),
});
