import { z } from 'zod';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { decodeCursor, toPage } from '../cursor.ts';
import type { ContextHit, SearchContextInput } from './contract.ts';
import { findContexts, searchIndex } from './store.ts';

const Place = z.tuple([z.number(), z.string()]);

/**
 * Documents with the words of `text`, the nearest first; only the first 200 KB of a document are searched. A document that
 * was deleted a moment ago is left out, so that a page may be shorter than `limit` and yet not the last.
 */
export async function searchContext(
  stores: Stores,
  actor: Actor,
  input: SearchContextInput,
): Promise<{ items: ContextHit[]; nextCursor: string | null }> {
  const hits = await searchIndex(stores.db, actor, input, decodeCursor(input.cursor, Place));
  const page = toPage(hits, input.limit, ({ score, documentId }) => [score, documentId]);
  const documents = await findContexts(
    stores,
    actor,
    page.items.map(({ documentId }) => documentId),
  );
  return {
    items: page.items.flatMap(({ score, highlight }, place) => {
      const document = documents[place];
      return document ? [{ document, score, highlight }] : [];
    }),
    nextCursor: page.nextCursor,
  };
}
