import { mutation, query } from '../define.ts';
import { DatasetRecalls, MeasureRecallInput, RecallsInput } from './contract.ts';
import { listRecalls, measureRecall } from './measure-recall.ts';

/** Join those of datasets. */
export const recall = {
  recall: mutation({
    role: 'editor',
    rest: 'POST /datasets/{dataset_id}/recall',
    status: 201,
    example: { k: 10, sample_count: 50, ef_search: [40, 100, 200] },
    does: 'Measures how much of the truth searches of a dataset find, and how fast, and stores it.',
    refuses: { precondition_failed: 'The dataset has fewer than 2 chunks.' },
    input: MeasureRecallInput,
    output: DatasetRecalls,
    run: ({ ctx, input }) => measureRecall(ctx.stores, ctx.actor, input),
  }),
  recalls: query({
    role: 'viewer',
    rest: 'GET /datasets/{dataset_id}/recall',
    does: 'Lists the recall measured on a dataset, newest first.',
    input: RecallsInput,
    output: DatasetRecalls,
    run: ({ ctx, input }) => listRecalls(ctx.stores, ctx.actor, input),
  }),
};
