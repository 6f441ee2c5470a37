import { z } from 'zod';
import type { Actor } from '../../procedure/actor.ts';
import type { KeyPart, StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';

const Place = z.tuple([z.number(), z.string()]);

type List = Readonly<{ database: string; design: string; list: string }>;
type PageOptions = { narrowedBy: readonly [string | number, string]; limit: number; cursor?: string | undefined };

/**
 * A page of a list view, newest first, as one read of an index from the cursor's place on. What `parse` does not know
 * (another program's document) is left out, so that a page may be shorter than `limit` and yet not the last.
 */
export async function readDocumentPage<Item>(
  stores: Stores,
  actor: Actor,
  { database, design, list }: List,
  { narrowedBy, limit, cursor }: PageOptions,
  parse: (document: StoredDocument) => Item | undefined,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const prefix: KeyPart[] = [actor.workspaceId, ...narrowedBy];
  const after = decodeCursor(cursor, Place);
  const found = await stores.documents.view(database, design, list, {
    startKey: [...prefix, ...(after ?? [{}])],
    endKey: prefix,
    descending: true,
    // One more tells whether there is another page; the cursor's own document, if it is still there, is read again.
    limit: limit + 1 + (after ? 1 : 0),
  });
  const rows = found.filter((row) => row.id !== after?.[1]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).flatMap(({ doc }) => (doc && parse(doc)) ?? []),
    nextCursor: last ? encodeCursor(Place.parse(z.array(z.unknown()).parse(last.key).slice(-2))) : null,
  };
}
