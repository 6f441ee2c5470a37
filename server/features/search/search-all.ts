import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { searchChunks } from '../chunks/index.ts';
import { searchContext } from '../context/index.ts';
import { highlightsOf } from '../highlight.ts';
import { reciprocalRank } from '../rank-fusion.ts';
import { type SearchAllInput, type SearchHit, type SearchHits, SearchType } from './contract.ts';
import { findDatasetNames, matchNamed } from './store.ts';

const passageLength = 300;

/** A hit of one source, best first; its score follows from its place. */
type Ranked = Omit<SearchHit, 'score'>;
type Source = (
  stores: Stores,
  actor: Actor,
  input: SearchAllInput,
) => Promise<{ ranked: Ranked[]; isByMeaning: boolean }>;

/**
 * Chunks, context documents, topologies and models with the words of a text, in one ranking. Scores of different kinds do not
 * compare, so that each is ranked among its own, and the rankings are fused: the best of each come first. A type whose store
 * is away is left out and named; so is one that only words were looked for in, for the embeddings endpoint is away.
 */
export async function searchAll(stores: Stores, actor: Actor, input: SearchAllInput): Promise<SearchHits> {
  const types: readonly SearchType[] = [...new Set(input.types ?? SearchType.options)];
  const unavailable: SearchType[] = [];
  const withoutMeaning: SearchType[] = [];
  const rankings = await Promise.all(
    types.map(async (type) => {
      try {
        const { ranked, isByMeaning } = await sources[type](stores, actor, input);
        if (stores.embedder && !isByMeaning && meant.has(type)) withoutMeaning.push(type);
        return ranked;
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
  return { items, unavailable, withoutMeaning };
}

/** Types whose texts have vectors, where the server makes them. */
const meant: ReadonlySet<SearchType> = new Set(['chunk', 'context']);

const sources: Readonly<Record<SearchType, Source>> = {
  chunk: async (stores, actor, { text, limit }) => {
    const { items, by } = await searchChunks(stores, actor, { text, k: limit });
    const names = await findDatasetNames(stores.db, actor, [...new Set(items.map(({ chunk }) => chunk.datasetId))]);
    const ranked = items.map(({ chunk, highlight }) => ({
      type: 'chunk' as const,
      id: chunk.id,
      title: names.get(chunk.datasetId) ?? '',
      highlight: highlight ?? chunk.content.slice(0, passageLength),
      datasetId: chunk.datasetId,
      topologyId: null,
    }));
    return { ranked, isByMeaning: by !== 'words' };
  },
  context: async (stores, actor, { text, limit, topologyId }) => {
    const { items, by } = await searchContext(stores, actor, { text, limit, topologyId });
    const ranked = items.map(({ document, highlight }) => ({
      type: 'context' as const,
      id: document.id,
      title: document.type,
      highlight,
      datasetId: null,
      topologyId: document.topologyId,
    }));
    return { ranked, isByMeaning: by !== 'words' };
  },
  topology: (stores, actor, { text, limit }) => named(stores, actor, 'topology', text, limit),
  model: (stores, actor, { text, limit }) => named(stores, actor, 'model', text, limit),
};

async function named(stores: Stores, actor: Actor, type: 'topology' | 'model', text: string, limit: number) {
  const found = await matchNamed(stores.db, actor, type, text, limit);
  const highlights = highlightsOf(
    text,
    found.map(({ title, description }) => `${title}: ${description}`),
  );
  const ranked = found.map(({ id, title }, at) => {
    return { type, id, title, highlight: highlights[at]?.passage ?? '', datasetId: null, topologyId: null };
  });
  return { ranked, isByMeaning: false };
}
