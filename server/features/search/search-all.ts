import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { searchChunks } from '../chunks/index.ts';
import { searchContext } from '../context/index.ts';
import { reciprocalRank } from '../rank-fusion.ts';
import { type SearchAllInput, type SearchHit, type SearchHits, SearchType } from './contract.ts';
import { findDatasetNames, matchNamed } from './store.ts';

const passageLength = 300;

/** What a source found, the best first; it gets its score by its place. */
type Ranked = Omit<SearchHit, 'score'>;
type Source = (stores: Stores, actor: Actor, input: SearchAllInput) => Promise<Ranked[]>;

/**
 * Chunks, context documents, topologies and models with the words of a text, in one ranking. Scores of different kinds do not
 * compare, so that each is ranked among its own, and the rankings are fused: the best of each come first. A type whose store
 * is away is left out and named.
 */
export async function searchAll(stores: Stores, actor: Actor, input: SearchAllInput): Promise<SearchHits> {
  const types: readonly SearchType[] = [...new Set(input.types ?? SearchType.options)];
  const unavailable: SearchType[] = [];
  const rankings = await Promise.all(
    types.map(async (type) => {
      try {
        return await sources[type](stores, actor, input);
      } catch (error) {
        if (!(error instanceof NexusError && error.reason === 'unavailable')) throw error;
        stores.log.warn({ err: error, type }, 'A search over everything leaves a type out.');
        unavailable.push(type);
        return [];
      }
    }),
  );
  if (unavailable.length === types.length) {
    throw new NexusError('unavailable', 'Nothing can be searched at the moment; try again shortly.');
  }
  const items = rankings
    .flatMap((ranked) => ranked.map((hit, place) => ({ ...hit, score: reciprocalRank(place) })))
    .sort((a, b) => b.score - a.score)
    .slice(0, input.limit);
  return { items, unavailable };
}

const sources: Readonly<Record<SearchType, Source>> = {
  chunk: async (stores, actor, { text, limit }) => {
    const { items } = await searchChunks(stores, actor, { text, k: limit });
    const names = await findDatasetNames(stores.db, actor, [...new Set(items.map(({ chunk }) => chunk.datasetId))]);
    return items.map(({ chunk, highlight }) => ({
      type: 'chunk',
      id: chunk.id,
      title: names.get(chunk.datasetId) ?? '',
      highlight: highlight ?? chunk.content.slice(0, passageLength),
      datasetId: chunk.datasetId,
      topologyId: null,
    }));
  },
  context: async (stores, actor, { text, limit, topologyId }) => {
    const { items } = await searchContext(stores, actor, { text, limit, topologyId });
    return items.map(({ document, highlight }) => ({
      type: 'context',
      id: document.id,
      title: document.type,
      highlight,
      datasetId: null,
      topologyId: document.topologyId,
    }));
  },
  topology: (stores, actor, { text, limit }) => named(stores, actor, 'topology', text, limit),
  model: (stores, actor, { text, limit }) => named(stores, actor, 'model', text, limit),
};

async function named(stores: Stores, actor: Actor, type: 'topology' | 'model', text: string, limit: number) {
  const found = await matchNamed(stores.db, actor, type, text, limit);
  return found.map((one) => ({ type, ...one, datasetId: null, topologyId: null }));
}
