import { NexusError } from '../errors.ts';
import type { Embedder } from '../stores/embeddings.ts';
import type { Stores } from '../stores/stores.ts';

/**
 * The vector of the text of a search; undefined where it cannot be had at the moment and `isOptional`. Throws `unavailable`,
 * and what the remedy is, where it cannot and is not.
 */
export async function vectorOfText(
  { embedder, log }: Pick<Stores, 'embedder' | 'log'>,
  text: string,
  isOptional: boolean,
): Promise<Float32Array | undefined> {
  try {
    return await embedder?.embedNow(text);
  } catch (error) {
    if (!(error instanceof NexusError)) throw error;
    if (!isOptional)
      throw new NexusError(error.reason, `${error.message} Words are searched all the same: give \`by: "words"\`.`, {
        details: error.details,
        cause: error,
      });
    log.warn({ err: error }, 'A text is searched by its words alone.');
    return undefined;
  }
}

/** A vector a text, or null where the endpoint does not take it: one text must not hold up the others. Throws as `embed` does. */
export async function vectorsOfTexts(embedder: Embedder, texts: readonly string[]): Promise<(Float32Array | null)[]> {
  if (texts.length === 0) return [];
  try {
    return await embedder.embed(texts);
  } catch (error) {
    if (!isOfText(error)) throw error;
    if (texts.length === 1) return [null];
    const middle = Math.ceil(texts.length / 2);
    const vectors: (Float32Array | null)[] = [];
    for (const half of [texts.slice(0, middle), texts.slice(middle)]) {
      vectors.push(...(await vectorsOfTexts(embedder, half)));
    }
    return vectors;
  }
}

/** Whether the endpoint refused what it was given: not that it is away, nor a key or model that it does not know. */
const isOfText = (error: unknown) =>
  error instanceof NexusError && [400, 413, 422].some((status) => error.details.status === status);
