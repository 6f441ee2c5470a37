import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeCursor, encodeCursor, toPage } from '../cursor.ts';
import { charactersOfEach, highlightsOf } from '../highlight.ts';
import { vectorOfText } from '../meaning.ts';
import { reciprocalRank } from '../rank-fusion.ts';
import type { ContextHitPage, SearchContextInput } from './contract.ts';
import { bodyOf } from './index-context.ts';
import { type Hit, rankByMeaning, rankByWords } from './ranking-store.ts';
import { findContexts } from './store.ts';

/** How deep the rankings of a fused search are read; its pages end there. */
const maxFused = 1000;

/** The score of words, which is below 1. */
const Place = z.tuple([z.number().max(1), z.string()]);
const markLength = 8;
/** How deep the rankings are read, and the marks of what was shown, one after another. */
const FusedPlace = z.tuple([z.int().min(2).max(maxFused), z.string().regex(/^(?:[\w-]{8})+$/)]);
type Page = { items: Hit[]; nextCursor: string | null; by: ContextHitPage['by'] };

/**
 * Documents with the words of `text`, with its meaning, or both rankings fused, the nearest first; only the first 200 KB of
 * a document are searched for words, the first 8,000 characters for meaning. Where more than a tenth of the newest
 * documents have the words, 3,000 of them are ranked, the newest. No hit is on two pages, whatever comes or goes between
 * them. A document that was deleted a moment ago is left out, so that a page may be shorter than `limit` and yet not the
 * last. Throws `unavailable` where meaning was asked for and cannot be had.
 */
export async function searchContext(stores: Stores, actor: Actor, input: SearchContextInput): Promise<ContextHitPage> {
  const page = await rank(stores, actor, input);
  const documents = await findContexts(
    stores,
    actor,
    page.items.map(({ documentId }) => documentId),
  );
  const found = page.items.flatMap(({ score }, place) => {
    const document = documents[place];
    return document ? [{ document, score }] : [];
  });
  // So many bytes hold at most as many characters as are looked at.
  const highlights = highlightsOf(
    input.text,
    found.map(({ document }) => bodyOf(document, charactersOfEach(found.length))),
  );
  return {
    items: found.map((one, at) => ({ ...one, highlight: highlights[at]?.passage ?? '' })),
    nextCursor: page.nextCursor,
    by: page.by,
  };
}

async function rank(stores: Stores, actor: Actor, input: SearchContextInput): Promise<Page> {
  const meaning = await meaningOf(stores, input);
  if (meaning) return fused(stores, actor, input, meaning);
  const hits = await rankByWords(stores.db, actor, input, input.limit + 1, decodeCursor(input.cursor, Place));
  return { ...toPage(hits, input.limit, ({ score, documentId }) => [score, documentId]), by: 'words' };
}

type Meaning = { model: string; vector: Float32Array };

async function meaningOf(stores: Stores, { text, by, cursor }: SearchContextInput): Promise<Meaning | undefined> {
  const { embedder } = stores;
  if (by === 'words') return undefined;
  if (!embedder) {
    if (by === undefined) return undefined;
    throw invalidInput('by', 'This server makes no embeddings; search by words, or set EMBEDDINGS_URL.', { value: by });
  }
  // A page by words is followed by pages by words, and one of both by both: another ranking would tear them apart.
  if (by === undefined && cursor !== undefined && !isFusedPlace(cursor)) return undefined;
  const vector = await vectorOfText(stores, text, by === undefined && cursor === undefined);
  return vector && { model: embedder.model, vector };
}

const isFusedPlace = (cursor: string) => FusedPlace.safeParse(decodeCursor(cursor, z.array(z.unknown()))).success;

async function fused({ db }: Stores, actor: Actor, input: SearchContextInput, meaning: Meaning): Promise<Page> {
  // A page keeps the depth of the first one: a deeper ranking would give other scores, and tear the pages apart.
  const [depth, shown] = decodeCursor(input.cursor, FusedPlace) ?? [
    Math.min(maxFused, Math.max(200, 4 * input.limit)),
    '',
  ];
  const rankings = await Promise.all([
    rankByMeaning(db, actor, input, { ...meaning, limit: depth }),
    input.by === 'meaning' ? [] : rankByWords(db, actor, input, depth),
  ]);
  const scores = new Map<string, number>();
  for (const ranking of rankings) {
    for (const [at, { documentId }] of ranking.entries()) {
      scores.set(documentId, (scores.get(documentId) ?? 0) + reciprocalRank(at));
    }
  }
  // A number of hits to pass over would not do: what is added, changed, embedded or deleted between two pages moves the others.
  const marks = new Set(shown.match(/.{8}/g));
  const ranked = [...scores]
    .map(([documentId, score]) => ({ documentId, score }))
    .filter(({ documentId }) => marks.size === 0 || !marks.has(markOf(documentId)))
    .sort((a, b) => b.score - a.score || (a.documentId < b.documentId ? -1 : 1));
  const items = ranked.slice(0, input.limit);
  const next = shown + items.map(({ documentId }) => markOf(documentId)).join('');
  // Ends the pages even where documents keep coming.
  const isLast = ranked.length === items.length || next.length >= 2 * depth * markLength;
  return {
    items,
    nextCursor: isLast ? null : encodeCursor([depth, next]),
    by: input.by === 'meaning' ? 'meaning' : 'both',
  };
}

/** 48 bits of a hash: of so few hits two of one mark are as good as never met, and 800 of them fit into a cursor. */
const markOf = (documentId: string) => createHash('sha256').update(documentId).digest('base64url').slice(0, markLength);
