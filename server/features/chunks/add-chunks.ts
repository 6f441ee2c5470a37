import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { AddChunkInput, AddedChunk, AddManyChunksInput, AddManyChunksResult } from './contract.ts';
import { embedChunks } from './embed-chunks.ts';
import { type ChunkRow, findChunk, findIdsByHash } from './store.ts';
import { hashOf, storeChunks } from './store-chunks.ts';

/**
 * Adds chunks to a dataset in one transaction: all of them, or none. A text that the dataset has already (or that comes
 * twice) is stored once, and stays as it was. Chunks without an embedding get one where the server makes them. Throws
 * `not_found`, `invalid_input`, and `unavailable` where the embeddings endpoint is away or hangs.
 */
export async function addManyChunks(
  stores: Stores,
  actor: Actor,
  { datasetId, chunks: given }: AddManyChunksInput,
): Promise<AddManyChunksResult> {
  const chunks = await embedChunks(embedOf(stores), given);
  const hashes = chunks.map(({ content }) => hashOf(content));
  const different = new Map<string, ChunkRow>();
  for (const [place, chunk] of chunks.entries()) {
    const contentHash = hashes[place] ?? '';
    if (!different.has(contentHash)) different.set(contentHash, { ...chunk, contentHash });
  }
  const { added, there } = await stores.db.transaction(async (tx) => {
    const inserted = await storeChunks(tx, actor, datasetId, [...different.values()]);
    const others = [...different.keys()].filter((hash) => !inserted.has(hash));
    const known = await findIdsByHash(tx, actor, datasetId, others);
    return { added: inserted, there: known };
  });
  const seen = new Set<string>();
  const results = hashes.map((hash) => {
    const isNew = added.has(hash) && !seen.has(hash);
    seen.add(hash);
    const id = added.get(hash) ?? there.get(hash);
    if (id === undefined) throw new NexusError('conflict', 'One of the texts was deleted at this moment; try again.');
    return { id, isNew };
  });
  return { chunks: results, newCount: added.size };
}

/** Makes the vectors of what a caller waits for; refuses with the remedy that is the caller's own. */
function embedOf({ embedder }: Stores) {
  if (!embedder) return undefined;
  return async (texts: readonly string[]) => {
    try {
      return await embedder.embedSoon(texts);
    } catch (error) {
      if (!(error instanceof NexusError)) throw error;
      throw new NexusError(error.reason, `${error.message} Or send the vectors: give each chunk its \`embedding\`.`, {
        details: error.details,
        cause: error,
      });
    }
  };
}

/** Adds one chunk; a text that the dataset has already stays as it was, and is answered. Throws `not_found`. */
export async function addChunk(
  stores: Stores,
  actor: Actor,
  { datasetId, ...chunk }: AddChunkInput,
): Promise<AddedChunk> {
  const { chunks } = await addManyChunks(stores, actor, { datasetId, chunks: [chunk] });
  const [added] = chunks;
  const stored = added && (await findChunk(stores.db, actor, datasetId, added.id));
  if (!added || !stored) throw notFound('chunk', added?.id ?? '');
  const { embedding: _, ...plain } = stored;
  return { ...plain, isNew: added.isNew };
}
