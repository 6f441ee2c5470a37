import { procedure, router } from '../../api/procedures.ts';
import { DatasetRecalls, MeasureRecallInput, RecallsInput } from './contract.ts';
import { listRecalls, measureRecall } from './measure-recall.ts';

/** Joins the router of datasets. */
export const recallRouter = router({
  recall: procedure
    .meta({
      rest: {
        example: { k: 10, sample_count: 50, ef_search: [40, 100, 200] },
        method: 'POST',
        path: '/datasets/{dataset_id}/recall',
        status: 201,
      },
      does: 'Measures how much of the truth searches of a dataset find, and how fast, and stores it.',
      refuses: { precondition_failed: 'The dataset has fewer than 2 chunks.' },
    })
    .input(MeasureRecallInput)
    .output(DatasetRecalls)
    .mutation(({ ctx, input }) => measureRecall(ctx.stores, ctx.actor, input)),
  recalls: procedure
    .meta({
      rest: { method: 'GET', path: '/datasets/{dataset_id}/recall' },
      does: 'What was measured of a dataset, newest first.',
    })
    .input(RecallsInput)
    .output(DatasetRecalls)
    .query(({ ctx, input }) => listRecalls(ctx.stores, ctx.actor, input)),
});
