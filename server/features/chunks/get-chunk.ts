import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ChunkInput, ChunkWithEmbedding } from './contract.ts';
import { findChunk } from './store.ts';

/** A chunk with its embedding. Throws `not_found`. */
export async function getChunk(
  stores: Stores,
  actor: Actor,
  { datasetId, id }: ChunkInput,
): Promise<ChunkWithEmbedding> {
  const chunk = await findChunk(stores.db, actor, datasetId, id);
  if (!chunk) throw notFound('chunk', id);
  return chunk;
}
