import { liveProcedure, procedure, router, trackedBy } from '../../api/procedures.ts';
import { Done } from '../contract.ts';
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

export const contextRouter = router({
  add: procedure
    .meta({
      rest: {
        method: 'POST',
        path: '/context',
        status: 201,
        example: {
          type: 'training_note',
          data: 'Model converged after 50 epochs',
          topology_id: '123',
          metadata: { priority: 'medium' },
        },
      },
      does: 'Adds a context document.',
      refuses: { conflict: 'The id has another document.' },
    })
    .input(AddContextInput)
    .output(ContextDocument)
    .mutation(({ ctx, input }) => addContext(ctx.stores, ctx.actor, input)),
  addMany: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: {
          documents: [{ type: 'metric', data: { throughput: 1250, latency_ms: 15 }, topology_id: 'topology-1' }],
        },
        method: 'POST',
        path: '/context/batch',
      },
      does: 'Adds up to 5,000 context documents, each with an answer of its own.',
    })
    .input(AddManyContextInput)
    .output(AddManyContextResult)
    .mutation(({ ctx, input }) => addManyContext(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/context/{id}' }, does: 'A context document.' })
    .input(ContextInput)
    .output(ContextDocument)
    .query(({ ctx, input }) => getContext(ctx.stores, ctx.actor, input)),
  update: procedure
    .meta({
      rest: { example: { data: 'Model converged after 60 epochs' }, method: 'PATCH', path: '/context/{id}' },
      does: 'Changes a context document; what it was stays in its history.',
      refuses: { conflict: 'It was changed after `expectedRev`; `details.current` is what it is now.' },
    })
    .input(UpdateContextInput)
    .output(ContextDocument)
    .mutation(({ ctx, input }) => updateContext(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({ rest: { method: 'DELETE', path: '/context/{id}' }, does: 'Deletes a context document; its history stays.' })
    .input(ContextInput)
    .output(Done)
    .mutation(({ ctx, input }) => deleteContext(ctx.stores, ctx.actor, input)),
  history: procedure
    .meta({
      rest: { method: 'GET', path: '/context/{id}/history' },
      does: 'What a context document is and was, the newest first.',
    })
    .input(DocumentHistoryInput)
    .output(ContextVersionPage)
    .query(({ ctx, input }) => contextHistory(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/context' }, does: 'Lists context documents, newest first.' })
    .input(ListContextInput)
    .output(ContextPage)
    .query(({ ctx, input }) => listContext(ctx.stores, ctx.actor, input)),
  live: liveProcedure
    .meta({
      rest: { method: 'GET', path: '/context/live' },
      yields: ContextNews,
      does: 'Tells of context documents as they are added, changed or deleted.',
    })
    .input(LiveContextInput)
    .subscription(({ ctx, input }) => trackedBy(liveContext(ctx.stores, ctx.actor, input, ctx.signal))),
  search: procedure
    .meta({
      rest: { method: 'GET', path: '/context/search', names: { text: 'q' } },
      does: 'Finds context documents by their words, the nearest first.',
    })
    .input(SearchContextInput)
    .output(ContextHitPage)
    .query(({ ctx, input }) => searchContext(ctx.stores, ctx.actor, input)),
});
