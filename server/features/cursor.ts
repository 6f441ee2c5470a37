import { z } from 'zod';
import { invalidInput } from '../errors.ts';

/** Makes a place in a list opaque, so that no caller comes to depend on what is in it. */
export function encodeCursor(place: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Reads a cursor of `encodeCursor`; undefined stays undefined. Throws `invalid_input` for anything else. */
export function decodeCursor<Place>(cursor: string | undefined, place: z.ZodType<Place>): Place | undefined {
  if (cursor === undefined) return undefined;
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw invalidInput('cursor', 'The cursor is not one of this list; give a nextCursor as it was answered, or none.');
  }
}

const IdPlace = z.tuple([z.int()]);
export const decodeIdCursor = (cursor: string | undefined): number | undefined => decodeCursor(cursor, IdPlace)?.[0];

/** Cuts a page out of rows of which one more than `limit` was read. */
export function toPage<Row>(
  found: readonly Row[],
  limit: number,
  placeOf: (row: Row) => readonly (string | number)[],
): { items: Row[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? encodeCursor(placeOf(last)) : null };
}
