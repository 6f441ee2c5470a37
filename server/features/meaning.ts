import { NexusError } from '../errors.ts';
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
