import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { invalidInput, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isCanceled } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { highlightsOf } from '../highlight.ts';
import { vectorOfText } from '../meaning.ts';
import { reciprocalRank } from '../rank-fusion.ts';
import { type ChunkHit, type ChunkHits, maxMeasuredNeighbours, type SearchChunksInput } from './contract.ts';
import {
  type Found,
  matching,
  nearestByIndex,
  nearestOfAll,
  nearestOfFew,
  type Place,
  type Scope,
  selectCounts,
  selectMeasured,
  similaritiesOf,
} from './search-store.ts';

/** Up to this many chunks are compared one by one, in some 20 ms, and none is missed. */
const fewChunks = 5_000;
/** Default time-out for comparing one by one, where the index found too few. */
const defaultExactTimeoutMs = 8_000;
const maxEfSearch = 1000;
/** The index is read for so many candidates in some 2 ms. */
const quickCandidates = 200;
/** How long a set that was seen to be large is taken to be so, and to need the scan that it needed; one that shrank is looked at again. */
const largeForMs = 60_000;
/** How deep the two rankings of a fused search are read; its pages end there. */
const maxFused = 1000;

const ChunkId = z.int().positive();
/** Identifies the search that a page belongs to. */
const Tag = z.string();
const VectorPlace = z.tuple([z.number(), ChunkId, Tag]);
/** The rank of words, below 0. */
const WordsPlace = z.tuple([z.number().max(0), ChunkId, Tag]);
const FusedPlace = z.tuple([
  z
    .int()
    .min(1)
    .max(2 * maxFused),
  z.int().min(1).max(maxFused),
  ChunkId,
  Tag,
]);

const isFusedPlace = (cursor: string) => decodeCursor(cursor, z.union([FusedPlace, WordsPlace]))?.length === 4;

/**
 * The nearest chunks by vector, by words, or by both with the two rankings fused. Never fewer than `k` while so many
 * match: a small set is compared one by one, a large one searched by its HNSW index with an iterative scan, and one by one
 * after all where that found too few. `complete` is false where there were too many for that, or time ran out. A text whose
 * embedding cannot be had is searched by its words, and `by` says so. Throws `not_found` for an unknown dataset, and
 * `unavailable` where its meaning was asked for by name.
 */
export async function searchChunks(stores: Stores, actor: Actor, input: SearchChunksInput): Promise<ChunkHits> {
  const search: Search = { stores, actor, input, key: keyOf(actor, input) };
  const text = input.by === 'vector' ? undefined : input.text;
  const embedding = await vectorOf(stores, input);
  if (embedding && text !== undefined) return byBoth(search, embedding, text);
  if (embedding) return byVector(search, embedding);
  if (text === undefined) throw invalidInput('text', 'Give text, an embedding, or both.');
  await requireDatasets(search);
  return byWords(search, text);
}

/** The vector to rank by: the one given, or that of the text where the server makes embeddings. */
async function vectorOf(stores: Stores, { by, embedding, text, cursor }: SearchChunksInput) {
  if (by === 'words') {
    if (text === undefined) throw invalidInput('text', 'To be ranked by words, give text.');
    return undefined;
  }
  if (embedding) {
    if (by === 'both' && text === undefined) throw invalidInput('text', 'To be ranked by both, give text too.');
    return embedding;
  }
  if (stores.embedder && text !== undefined) {
    // A page by words is followed by pages by words, even where meaning can be had again; one of both can only be followed by both.
    if (by === undefined && cursor !== undefined && !isFusedPlace(cursor)) return undefined;
    return vectorOfText(stores, text, by === undefined && cursor === undefined);
  }
  if (by !== undefined) {
    throw invalidInput('embedding', 'This server makes no embeddings of texts; give one, or set EMBEDDINGS_URL.');
  }
  return undefined;
}

type Search = { stores: Stores; actor: Actor; input: SearchChunksInput & Scope; key: string };

/**
 * Everything that decides which chunks match. Long keys are hashed: a filter may have megabytes, and thousands of keys
 * are kept.
 */
function keyOf({ workspaceId }: Actor, { datasetIds, filter, createdAfter, createdBefore }: SearchChunksInput): string {
  const text = JSON.stringify([workspaceId, datasetIds, filter, createdAfter, createdBefore]);
  return text.length <= longestKey ? text : createHash('sha256').update(text).digest('base64');
}
const longestKey = 200;

/** A short hash of what decides a search's ranking, which its cursors carry: in the list of another one a place means nothing. */
function tagOf({ input: { text, embedding }, key }: Search, by: ChunkHits['by']): string {
  const hash = createHash('sha256').update(JSON.stringify([by, text, key]));
  return (embedding ? hash.update(embedding) : hash).digest('base64url').slice(0, 10);
}

/** Where the page before ended. Throws `invalid_input` for a cursor that is none, or of another search. */
function placeOf<Place extends readonly unknown[]>(
  search: Search,
  by: ChunkHits['by'],
  place: z.ZodType<Place>,
): Place | undefined {
  const decoded = decodeCursor(search.input.cursor, place);
  if (!decoded || decoded.at(-1) === tagOf(search, by)) return decoded;
  throw invalidInput(
    'cursor',
    'The cursor is of another search; give it with the same text, embedding, datasets, filter and times, or give none.',
  );
}

const largeSets = new LRUCache<string, { goesOn: boolean }>({ max: 10_000, ttl: largeForMs });

async function requireDatasets({ stores, actor, input: { datasetIds } }: Search): Promise<number> {
  const counts = await selectCounts(stores.db, actor, datasetIds);
  const unknown = datasetIds?.find((id) => !counts.some((one) => one.id === id));
  if (unknown !== undefined) throw notFound('dataset', unknown);
  return counts.reduce((sum, one) => sum + one.chunkCount, 0);
}

async function byVector(search: Search, embedding: Float32Array): Promise<ChunkHits> {
  const place = placeOf(search, 'vector', VectorPlace);
  const near = await nearest(search, embedding, search.input.k + 1, place && [place[0], place[1]]);
  return pageOf(search, near, 'vector', (one) => ({
    chunk: chunkOf(one),
    score: 1 - one.distance,
    similarity: 1 - one.distance,
    highlight: null,
  }));
}

async function byWords(search: Search, text: string): Promise<ChunkHits> {
  const { stores, actor, input } = search;
  const place = placeOf(search, 'words', WordsPlace);
  const found = await matching(stores.db, actor, text, {
    scope: input,
    limit: input.k + 1,
    after: place && [place[0], place[1]],
  });
  const highlights = highlightsOf(
    text,
    found.map(({ content }) => content),
  );
  return pageOf(search, { found, complete: true, efSearch: null }, 'words', (one, at) => ({
    chunk: chunkOf(one),
    score: -one.distance,
    similarity: null,
    highlight: highlights[at]?.passage ?? null,
  }));
}

async function byBoth(search: Search, embedding: Float32Array, text: string): Promise<ChunkHits> {
  const { stores, actor, input } = search;
  // A page keeps the depth of the first one: a deeper ranking would give other scores, and tear the pages apart.
  const place = placeOf(search, 'both', FusedPlace);
  const [from, depth, newestId] = place ?? [0, Math.min(maxFused, Math.max(200, 4 * input.k))];
  // Nor does it know what was added since: that would push those that were shown onto the next page.
  const scope = { ...input, newestId };
  const [{ found: near, complete, efSearch }, worded] = await Promise.all([
    nearest({ ...search, input: scope }, embedding, depth),
    matching(stores.db, actor, text, { scope, limit: depth }),
  ]);
  const fused = new Map<number, { found: Found; score: number }>();
  for (const ranking of [near, worded]) {
    for (const [place, found] of ranking.entries()) {
      const score = reciprocalRank(place) + (fused.get(found.id)?.score ?? 0);
      fused.set(found.id, { found, score });
    }
  }
  const ranked = [...fused.values()].sort((a, b) => b.score - a.score || a.found.id - b.found.id);
  const page = ranked.slice(from, from + input.k);
  const shown = page.map((one) => one.found);
  const similarities = await similaritiesOf(stores.db, actor, shown, embedding);
  const highlights = highlightsOf(
    text,
    shown.map(({ content }) => content),
  );
  const next = from + input.k;
  const isLast = ranked.length <= next;
  // The last page of rankings that were read no further is not the end of what matches.
  const isCut = near.length >= depth || worded.length >= depth;
  return {
    items: page.map(({ found, score }, at) => ({
      chunk: chunkOf(found),
      score,
      similarity: similarities.get(found.id) ?? null,
      highlight: highlights[at]?.isMarked ? highlights[at].passage : null,
    })),
    nextCursor: isLast
      ? null
      : encodeCursor([next, depth, newestId ?? Math.max(...fused.keys()), tagOf(search, 'both')]),
    by: 'both',
    complete: complete && !(isLast && isCut),
    efSearch,
  };
}

type Nearest = { found: Found[]; complete: boolean; efSearch: number | null };

async function nearest(search: Search, embedding: Float32Array, limit: number, after?: Place): Promise<Nearest> {
  const { stores, actor, input, key } = search;
  const options = { scope: input, limit, after };
  const byIndex = async (): Promise<Nearest> => {
    const efSearch = Math.min(maxEfSearch, Math.max(await efSearchOf(stores, actor, input), limit));
    let goesOn = largeSets.get(key)?.goesOn ?? false;
    const isQuick = efSearch <= quickCandidates && !goesOn;
    let found = await nearestByIndex((isQuick && stores.quick) || stores.db, actor, embedding, options, {
      efSearch,
      goesOn,
    });
    if (found.length < limit && !goesOn) {
      goesOn = true;
      found = await nearestByIndex(stores.db, actor, embedding, options, { efSearch, goesOn });
    }
    // A page far down says nothing of the first.
    if (found.length >= limit && !after) largeSets.set(key, { goesOn });
    return { found, complete: true, efSearch };
  };
  const isToBeExact = input.recall === 1;
  if (largeSets.has(key) && !isToBeExact) {
    const indexed = await byIndex();
    if (indexed.found.length >= limit) return indexed;
    largeSets.delete(key);
  }
  const chunkCount = await requireDatasets(search);
  const isNarrowed = input.filter ?? input.createdAfter ?? input.createdBefore;
  if (input.efSearch === undefined && (chunkCount <= fewChunks || isNarrowed)) {
    const few = await nearestOfFew(stores.db, actor, embedding, options, fewChunks);
    if (few) return { found: few, complete: true, efSearch: null };
  }
  const indexed = isToBeExact ? undefined : await byIndex();
  if (indexed && indexed.found.length >= limit) return indexed;
  if (chunkCount > (stores.exactChunks ?? Number.POSITIVE_INFINITY)) {
    return { ...(indexed ?? (await byIndex())), complete: false };
  }
  try {
    const timeoutMs = stores.exactTimeoutMs ?? defaultExactTimeoutMs;
    const all = await stores.db.transaction((tx) => nearestOfAll(tx, actor, embedding, options, timeoutMs));
    return { found: all, complete: true, efSearch: null };
  } catch (error) {
    if (!isCanceled(error)) throw error;
    return { ...(indexed ?? (await byIndex())), complete: false };
  }
}

/** Where nothing was measured: what HNSW with m = 16 reaches on text embeddings, with some to spare. */
const ruleOfThumb = [
  { recall: 0.9, efSearch: 50 },
  { recall: 0.95, efSearch: 100 },
  { recall: 0.98, efSearch: 200 },
  { recall: 1, efSearch: 400 },
];
const defaultEfSearch = 100;

/** The least number of candidates that reached the recall asked for, of as many neighbours or more, in every dataset searched. */
async function efSearchOf(
  { db }: Stores,
  actor: Actor,
  { efSearch, recall, datasetIds, k }: SearchChunksInput,
): Promise<number> {
  if (recall === undefined) return efSearch ?? defaultEfSearch;
  const unmeasured = ruleOfThumb.find((rule) => rule.recall >= recall)?.efSearch ?? maxEfSearch;
  if (!datasetIds) return unmeasured;
  const measured = await selectMeasured(db, actor, datasetIds, Math.min(k, maxMeasuredNeighbours));
  const wanted = datasetIds.map((id) => {
    const own = measured.filter((one) => one.datasetId === id);
    if (own.length === 0) return unmeasured;
    return Math.min(maxEfSearch, ...own.filter((one) => one.recall >= recall).map((one) => one.efSearch));
  });
  return Math.max(...wanted);
}

const chunkOf = ({ id, datasetId, content, metadata, createdAtMs, createdBy }: Found): ChunkHit['chunk'] => ({
  id,
  datasetId,
  content,
  metadata,
  createdAt: new Date(createdAtMs),
  createdBy,
});

function pageOf(
  search: Search,
  { found, complete, efSearch }: Nearest,
  by: ChunkHits['by'],
  hitOf: (one: Found, at: number) => ChunkHit,
): ChunkHits {
  const { k } = search.input;
  const items = found.slice(0, k);
  const last = items.at(-1);
  return {
    items: items.map(hitOf),
    nextCursor: found.length > k && last ? encodeCursor([last.distance, last.id, tagOf(search, by)]) : null,
    by,
    complete,
    efSearch,
  };
}
