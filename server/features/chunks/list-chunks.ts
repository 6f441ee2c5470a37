import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import { requireDataset } from '../datasets/index.ts';
import type { Chunk, ListChunksInput } from './contract.ts';
import { selectChunks } from './store.ts';

/** A dataset's chunks, newest first, in pages. Throws `not_found`. */
export async function listChunks(
  stores: Stores,
  actor: Actor,
  input: ListChunksInput,
): Promise<{ items: Chunk[]; nextCursor: string | null }> {
  await requireDataset(stores.db, actor, input.datasetId);
  const found = await selectChunks(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (chunk) => [chunk.id]);
}
