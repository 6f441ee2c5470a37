import { z } from 'zod';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeCursor, toPage } from '../cursor.ts';
import type { ListObjectsInput, StoredObject } from './contract.ts';
import { selectObjects, toStoredObject } from './store.ts';

const Place = z.tuple([z.int(), z.uuid()]);

/** The workspace's objects, pending ones too, newest first, in pages. */
export async function listObjects(
  stores: Stores,
  actor: Actor,
  input: ListObjectsInput,
): Promise<{ items: StoredObject[]; nextCursor: string | null }> {
  const place = decodeCursor(input.cursor, Place);
  const before = place && { createdAt: new Date(place[0]), id: place[1] };
  const found = await selectObjects(stores.db, actor, input, before);
  const page = toPage(found, input.limit, (row) => [row.createdAt.getTime(), row.id]);
  return { ...page, items: page.items.map(toStoredObject) };
}
