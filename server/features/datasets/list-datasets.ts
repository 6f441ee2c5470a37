import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import type { Dataset, ListDatasetsInput } from './contract.ts';
import { selectDatasets } from './store.ts';

/** The workspace's datasets, newest first, in pages. */
export async function listDatasets(
  stores: Stores,
  actor: Actor,
  input: ListDatasetsInput,
): Promise<{ items: Dataset[]; nextCursor: string | null }> {
  const found = await selectDatasets(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (dataset) => [dataset.id]);
}
