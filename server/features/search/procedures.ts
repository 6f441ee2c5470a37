import { query } from '../define.ts';
import { SearchAllInput, SearchHits } from './contract.ts';
import { searchAll } from './search-all.ts';

export const search = {
  all: query({
    role: 'viewer',
    rest: 'GET /search',
    names: { text: 'q' },
    does: 'Finds chunks, context, topologies and models together, ranked, each with its type.',
    refuses: { unavailable: 'None of the four could be searched.' },
    input: SearchAllInput,
    output: SearchHits,
    run: ({ ctx, input }) => searchAll(ctx.stores, ctx.actor, input),
  }),
};
