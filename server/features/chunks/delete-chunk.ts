import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { ChunkInput } from './contract.ts';
import { countChunks, deleteChunkRow, holdDataset } from './store.ts';

/** Deletes a chunk. Throws `not_found`. */
export async function deleteChunk(
  stores: Stores,
  actor: Actor,
  { datasetId, id }: ChunkInput,
): Promise<{ id: number }> {
  await stores.db.transaction(async (tx) => {
    if (!(await holdDataset(tx, actor, datasetId))) throw notFound('dataset', datasetId);
    if (!(await deleteChunkRow(tx, actor, datasetId, id))) throw notFound('chunk', id);
    await recordAudit(tx, actor, 'chunks.delete', `chunk:${id}`, { datasetId });
    await countChunks(tx, actor, datasetId, -1);
  });
  return { id };
}
