import { createHash } from 'node:crypto';
import { notFound } from '../../errors.ts';
import { allowLong, type Transaction } from '../../stores/postgres.ts';
import { type ChunkRow, countChunks, holdDataset, insertChunks, type Owner } from './store.ts';

/** The index of the largest dataset takes this many in a second. */
const fewChunks = 100;

export const hashOf = (content: string) => createHash('sha256').update(content).digest('hex');

/**
 * Stores chunks whose hashes are different in a dataset, in the caller's transaction, which holds the dataset's row from
 * then on and is to end soon. Answers the ids of those that were new, by hash. Throws `not_found`.
 */
export async function storeChunks(
  tx: Transaction,
  owner: Owner,
  datasetId: number,
  chunks: readonly ChunkRow[],
): Promise<Map<string, number>> {
  if (chunks.length > fewChunks) await allowLong(tx);
  if (!(await holdDataset(tx, owner, datasetId))) throw notFound('dataset', datasetId);
  const added = await insertChunks(tx, owner, datasetId, chunks);
  await countChunks(tx, owner, datasetId, added.size);
  return added;
}
