import { Done } from '../contract.ts';
import { mutation, query } from '../define.ts';
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

export const chunks = {
  add: mutation({
    role: 'editor',
    rest: 'POST /chunks',
    status: 201,
    example: {
      dataset_id: 'dataset-1',
      content: 'Machine learning fundamentals',
      embedding: exampleVector,
      metadata: { source: 'textbook', chapter: 1 },
    },
    bodyMiB: 64,
    does: 'Adds a chunk to a dataset.',
    refuses: { conflict: 'Its text was deleted at this moment; try again.' },
    input: AddChunkInput,
    output: AddedChunk,
    run: ({ ctx, input }) => addChunk(ctx.stores, ctx.actor, input),
  }),
  addMany: mutation({
    role: 'editor',
    rest: 'POST /chunks/batch',
    status: 201,
    example: {
      dataset_id: 'dataset-1',
      chunks: [{ content: 'Machine learning fundamentals', embedding: exampleVector, metadata: { chapter: 1 } }],
    },
    bodyMiB: 64,
    does: 'Adds up to 2,000 chunks to a dataset: all of them, or none.',
    refuses: { conflict: 'One of the texts was deleted at this moment; try again.' },
    input: AddManyChunksInput,
    output: AddManyChunksResult,
    run: ({ ctx, input }) => addManyChunks(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /datasets/{dataset_id}/chunks/{id}',
    does: 'A chunk with its embedding.',
    input: ChunkInput,
    output: ChunkWithEmbedding,
    run: ({ ctx, input }) => getChunk(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /chunks',
    alsoPaths: ['/datasets/{dataset_id}/chunks'],
    does: 'Lists a dataset’s chunks, newest first.',
    input: ListChunksInput,
    output: ChunkPage,
    run: ({ ctx, input }) => listChunks(ctx.stores, ctx.actor, input),
  }),
  search: query({
    role: 'viewer',
    rest: 'POST /chunks/search',
    example: { dataset_ids: ['dataset-1'], text: 'fundamentals', filter: { path: 'chapter', lte: 3 }, k: 5 },
    does: 'Finds the nearest chunks by vector, by words, or by both.',
    refuses: { not_found: 'One of the datasets is not in this workspace.' },
    input: SearchChunksInput,
    output: ChunkHits,
    run: ({ ctx, input }) => searchChunks(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /datasets/{dataset_id}/chunks/{id}',
    does: 'Deletes a chunk.',
    input: ChunkInput,
    output: Done,
    run: ({ ctx, input }) => deleteChunk(ctx.stores, ctx.actor, input),
  }),
};
