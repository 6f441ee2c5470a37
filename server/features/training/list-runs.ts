import { z } from 'zod';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ListRunsInput, TrainingRun } from './contract.ts';
import { findRuns, selectRunPlaces } from './store.ts';

/** Holds the order too: a place in another order means nothing. */
const Place = z.tuple([z.string(), z.string().nullable(), z.int()]);

/** The workspace's runs that fulfil the filter, in the order asked for, newest first otherwise; in pages. */
export async function listRuns(
  stores: Stores,
  actor: Actor,
  input: ListRunsInput,
): Promise<{ items: TrainingRun[]; nextCursor: string | null }> {
  const order = JSON.stringify(input.sort ?? null);
  const [, value, id] = decodeCursor(
    input.cursor,
    Place.refine(([given]) => given === order),
  ) ?? [order, null, undefined];
  const after = id === undefined ? undefined : { value, id };
  const places = await selectRunPlaces(stores.db, actor, input, after, input.limit + 1);
  const page = places.slice(0, input.limit);
  const last = page.at(-1);
  const items = await findRuns(
    stores.db,
    actor,
    page.map((place) => place.id),
  );
  const nextCursor = places.length > input.limit && last ? encodeCursor([order, last.value, last.id]) : null;
  return { items, nextCursor };
}
