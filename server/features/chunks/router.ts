import { procedure, router } from '../../api/procedures.ts';
import { Done } from '../contract.ts';
import { addChunk, addManyChunks } from './add-chunks.ts';
import {
  AddChunkInput,
  AddedChunk,
  AddManyChunksInput,
  AddManyChunksResult,
  ChunkHits,
  ChunkInput,
  ChunkPage,
  ChunkWithEmbedding,
  exampleVector,
  ListChunksInput,
  SearchChunksInput,
} from './contract.ts';
import { deleteChunk } from './delete-chunk.ts';
import { getChunk } from './get-chunk.ts';
import { listChunks } from './list-chunks.ts';
import { searchChunks } from './search-chunks.ts';

export const chunksRouter = router({
  add: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: {
          dataset_id: 'dataset-1',
          content: 'Machine learning fundamentals',
          embedding: exampleVector,
          metadata: { source: 'textbook', chapter: 1 },
        },
        method: 'POST',
        path: '/chunks',
        status: 201,
      },
      does: 'Adds a chunk to a dataset.',
      refuses: { conflict: 'Its text was deleted at this moment; try again.' },
    })
    .input(AddChunkInput)
    .output(AddedChunk)
    .mutation(({ ctx, input }) => addChunk(ctx.stores, ctx.actor, input)),
  addMany: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: {
          dataset_id: 'dataset-1',
          chunks: [{ content: 'Machine learning fundamentals', embedding: exampleVector, metadata: { chapter: 1 } }],
        },
        method: 'POST',
        path: '/chunks/batch',
        status: 201,
      },
      does: 'Adds up to 2,000 chunks to a dataset: all of them, or none.',
      refuses: { conflict: 'One of the texts was deleted at this moment; try again.' },
    })
    .input(AddManyChunksInput)
    .output(AddManyChunksResult)
    .mutation(({ ctx, input }) => addManyChunks(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/datasets/{dataset_id}/chunks/{id}' }, does: 'A chunk with its embedding.' })
    .input(ChunkInput)
    .output(ChunkWithEmbedding)
    .query(({ ctx, input }) => getChunk(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({
      rest: { method: 'GET', path: '/chunks', alsoPaths: ['/datasets/{dataset_id}/chunks'] },
      does: 'Lists a dataset’s chunks, newest first.',
    })
    .input(ListChunksInput)
    .output(ChunkPage)
    .query(({ ctx, input }) => listChunks(ctx.stores, ctx.actor, input)),
  search: procedure
    .meta({
      rest: {
        example: { dataset_ids: ['dataset-1'], text: 'fundamentals', filter: { path: 'chapter', lte: 3 }, k: 5 },
        method: 'POST',
        path: '/chunks/search',
      },
      does: 'Finds the nearest chunks by vector, by words, or by both.',
      refuses: { not_found: 'One of the datasets is not in this workspace.' },
    })
    .input(SearchChunksInput)
    .output(ChunkHits)
    .query(({ ctx, input }) => searchChunks(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({ rest: { method: 'DELETE', path: '/datasets/{dataset_id}/chunks/{id}' }, does: 'Deletes a chunk.' })
    .input(ChunkInput)
    .output(Done)
    .mutation(({ ctx, input }) => deleteChunk(ctx.stores, ctx.actor, input)),
});
