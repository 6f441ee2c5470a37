import { procedure, router } from '../../api/procedures.ts';
import { SearchAllInput, SearchHits } from './contract.ts';
import { searchAll } from './search-all.ts';

export const searchRouter = router({
  all: procedure
    .meta({
      rest: { method: 'GET', path: '/search', names: { text: 'q' } },
      does: 'Finds chunks, context, topologies and models together, ranked, each with its type.',
      refuses: { unavailable: 'None of the four could be searched.' },
    })
    .input(SearchAllInput)
    .output(SearchHits)
    .query(({ ctx, input }) => searchAll(ctx.stores, ctx.actor, input)),
});
