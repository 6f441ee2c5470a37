import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import type { ListModelsInput, Model } from './contract.ts';
import { selectModels } from './store.ts';

/** The workspace's models, newest first, in pages. */
export async function listModels(
  stores: Stores,
  actor: Actor,
  input: ListModelsInput,
): Promise<{ items: Model[]; nextCursor: string | null }> {
  const found = await selectModels(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (model) => [model.id]);
}
