import { Done } from '../contract.ts';
import { mutation, query, subscription } from '../define.ts';
import { addContext } from './add-context.ts';
import { addManyContext } from './add-many-context.ts';
import { contextHistory } from './context-history.ts';
import {
  AddContextInput,
  AddManyContextInput,
  AddManyContextResult,
  ContextDocument,
  ContextHitPage,
  ContextInput,
  ContextNews,
  ContextPage,
  ContextVersionPage,
  DocumentHistoryInput,
  ListContextInput,
  LiveContextInput,
  SearchContextInput,
  UpdateContextInput,
} from './contract.ts';
import { deleteContext } from './delete-context.ts';
import { getContext } from './get-context.ts';
import { listContext } from './list-context.ts';
import { liveContext } from './live-context.ts';
import { searchContext } from './search-context.ts';
import { updateContext } from './update-context.ts';

export const context = {
  add: mutation({
    role: 'editor',
    rest: 'POST /context',
    status: 201,
    example: {
      type: 'training_note',
      data: 'Model converged after 50 epochs',
      topology_id: '123',
      metadata: { priority: 'medium' },
    },
    does: 'Adds a context document.',
    refuses: { conflict: 'The id has another document.' },
    input: AddContextInput,
    output: ContextDocument,
    run: ({ ctx, input }) => addContext(ctx.stores, ctx.actor, input),
  }),
  addMany: mutation({
    role: 'editor',
    rest: 'POST /context/batch',
    example: {
      documents: [{ type: 'metric', data: { throughput: 1250, latency_ms: 15 }, topology_id: 'topology-1' }],
    },
    bodyMiB: 64,
    does: 'Adds up to 5,000 context documents, each with an answer of its own.',
    input: AddManyContextInput,
    output: AddManyContextResult,
    run: ({ ctx, input }) => addManyContext(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /context/{id}',
    does: 'A context document.',
    input: ContextInput,
    output: ContextDocument,
    run: ({ ctx, input }) => getContext(ctx.stores, ctx.actor, input),
  }),
  update: mutation({
    role: 'editor',
    rest: 'PATCH /context/{id}',
    example: { data: 'Model converged after 60 epochs' },
    does: 'Changes a context document; what it was stays in its history.',
    refuses: { conflict: 'It was changed after `expectedRev`; `details.current` is what it is now.' },
    input: UpdateContextInput,
    output: ContextDocument,
    run: ({ ctx, input }) => updateContext(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /context/{id}',
    does: 'Deletes a context document; its history stays.',
    input: ContextInput,
    output: Done,
    run: ({ ctx, input }) => deleteContext(ctx.stores, ctx.actor, input),
  }),
  history: query({
    role: 'viewer',
    rest: 'GET /context/{id}/history',
    does: 'Lists the versions of a context document, newest first.',
    input: DocumentHistoryInput,
    output: ContextVersionPage,
    run: ({ ctx, input }) => contextHistory(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /context',
    does: 'Lists context documents, newest first.',
    input: ListContextInput,
    output: ContextPage,
    run: ({ ctx, input }) => listContext(ctx.stores, ctx.actor, input),
  }),
  live: subscription({
    role: 'viewer',
    rest: 'GET /context/live',
    does: 'Tells of context documents as they are added, changed or deleted.',
    input: LiveContextInput,
    output: ContextNews,
    run: ({ ctx, input }) => liveContext(ctx.stores, ctx.actor, input, ctx.signal),
  }),
  search: query({
    role: 'viewer',
    rest: 'GET /context/search',
    names: { text: 'q' },
    does: 'Finds context documents by their words, the nearest first.',
    input: SearchContextInput,
    output: ContextHitPage,
    run: ({ ctx, input }) => searchContext(ctx.stores, ctx.actor, input),
  }),
};
