import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { nearestByIndex, nearestOfAll } from './search-store.ts';

/** Time-out for comparing every vector of a dataset. */
const exactTimeoutMs = 30_000;

type Query = { datasetId: number; embedding: Float32Array; limit: number };

/** Ids of the nearest chunks of a dataset, every one compared. Throws `timeout` after 30 s. */
export async function exactNeighbours(stores: Stores, actor: Actor, query: Query): Promise<number[]> {
  const options = { scope: { datasetIds: [query.datasetId] }, limit: query.limit };
  const found = await stores.db.transaction((tx) => nearestOfAll(tx, actor, query.embedding, options, exactTimeoutMs));
  return found.map(({ id }) => id);
}

/** Ids of the nearest chunks of a dataset by the index with so many candidates, however small it is. */
export async function indexNeighbours(stores: Stores, actor: Actor, query: Query, efSearch: number): Promise<number[]> {
  const options = { scope: { datasetIds: [query.datasetId] }, limit: query.limit };
  const scan = { efSearch, goesOn: true };
  return (await nearestByIndex(stores.db, actor, query.embedding, options, scan)).map(({ id }) => id);
}
