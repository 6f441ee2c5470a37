import { invalidInput } from '../../errors.ts';
import type { Embedder } from '../../stores/embeddings.ts';
import type { NewChunk } from './contract.ts';

export type EmbeddedChunk = NewChunk & { embedding: Float32Array };

const noEmbedder = 'is missing, and this server makes none; give it, or set EMBEDDINGS_URL';
/** Why a text is refused that the embeddings endpoint refuses, or of which it makes zeros. */
export const notTaken = 'is a text that the embeddings endpoint does not take; shorten it, or give its embedding';

/**
 * Chunks with the embeddings that they came with, or that the server makes of their texts. Throws `invalid_input`, naming
 * each that has none, where the server makes none (`embed` is undefined) or its endpoint does not take the text, and what
 * `embed` throws.
 */
export async function embedChunks(
  embed: Embedder['embed'] | undefined,
  chunks: readonly NewChunk[],
): Promise<EmbeddedChunk[]> {
  const missing = chunks.flatMap(({ embedding }, place) => (embedding ? [] : place));
  if (!embed) requireNone(missing, 'embedding', noEmbedder);
  const texts = missing.map((place) => chunks[place]?.content ?? '');
  const made = texts.length > 0 && embed ? await embed(texts) : [];
  requireNone(
    missing.filter((_, at) => !made[at]),
    'content',
    notTaken,
  );
  const byPlace = new Map(missing.map((place, at) => [place, made[at]]));
  return chunks.flatMap((chunk, place) => {
    const embedding = chunk.embedding ?? byPlace.get(place);
    return embedding ? { ...chunk, embedding } : [];
  });
}

function requireNone(places: readonly number[], field: 'embedding' | 'content', problem: string): void {
  const issues = places.map((place) => ({ field: `chunks.${place}.${field}`, problem }));
  const [first] = issues;
  if (first) throw invalidInput(first.field, `${first.field}: ${problem}.`, { issues });
}
