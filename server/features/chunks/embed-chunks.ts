import { invalidInput } from '../../errors.ts';
import type { Embedder } from '../../stores/embeddings.ts';
import type { NewChunk } from './contract.ts';

export type EmbeddedChunk = NewChunk & { embedding: Float32Array };

const noEmbedder = 'is missing, and this server makes none; give it, or set EMBEDDINGS_URL';

/**
 * Chunks with the embeddings that they came with, or that the server makes of their texts. Throws `invalid_input`, naming
 * each that has none, where the server makes none (`embed` is undefined), and what `embed` throws.
 */
export async function embedChunks(
  embed: Embedder['embed'] | undefined,
  chunks: readonly NewChunk[],
): Promise<EmbeddedChunk[]> {
  const missing = chunks.flatMap(({ embedding }, place) => (embedding ? [] : place));
  const texts = missing.map((place) => chunks[place]?.content ?? '');
  const [first] = missing;
  if (!embed && first !== undefined) {
    const issues = missing.map((place) => ({ field: `chunks.${place}.embedding`, problem: noEmbedder }));
    throw invalidInput(`chunks.${first}.embedding`, `chunks.${first}.embedding: ${noEmbedder}.`, { issues });
  }
  const made = texts.length > 0 && embed ? await embed(texts) : [];
  const byPlace = new Map(missing.map((place, at) => [place, made[at]]));
  return chunks.map((chunk, place) => {
    const embedding = chunk.embedding ?? byPlace.get(place);
    if (!embedding) throw new Error('The embedder answered fewer vectors than texts.');
    return { ...chunk, embedding };
  });
}
