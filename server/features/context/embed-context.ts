import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Embedder } from '../../stores/embeddings.ts';
import type { Stores } from '../../stores/stores.ts';
import { claimEmbedding, releaseEmbedding, selectUnembedded, writeEmbeddings } from './embedding-store.ts';

const batchSize = 64;
const pollMs = 500;
const maxPauseMs = 30_000;
/** How much later than their time rows may come into sight: as long as a transaction of the index may take. */
const lateMs = 10_000;

type EmbeddingStores = Pick<Stores, 'db' | 'log'> & { embedder: Embedder };

/**
 * Keeps the vectors of the context documents in step with the index of their words, in batches, behind it: where the endpoint
 * is away they are searched by words until it is back. Of several servers one does this, and another goes on where it died.
 */
export function embedContext(stores: EmbeddingStores): AsyncDisposable {
  const owner = randomUUID();
  const stopping = new AbortController();
  const pause = (ms: number) => wait(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const loop = (async () => {
    let sinceMs = 0;
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const isOurs = await claimEmbedding(stores.db, owner);
        const next = isOurs ? await embedBatch(stores, sinceMs) : undefined;
        failures = 0;
        if (next === undefined) await pause(pollMs);
        else sinceMs = next;
      } catch (error) {
        if (stopping.signal.aborted) return;
        stores.log.warn({ err: error, failures }, 'Context cannot be embedded; it is tried again.');
        await pause(Math.min(250 * 2 ** failures, maxPauseMs));
        failures = Math.min(failures + 1, 10);
      }
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
      await releaseEmbedding(stores.db, owner).catch((error: unknown) =>
        stores.log.warn({ err: error }, 'not released'),
      );
    },
  };
}

/** Embeds all that has no vector yet. For the command line. */
export async function embedAll(stores: EmbeddingStores): Promise<void> {
  for (let sinceMs: number | undefined = 0; sinceMs !== undefined; ) sinceMs = await embedBatch(stores, sinceMs);
}

/** Embeds the next documents; answers from when on to look for more, or undefined where there are none. */
async function embedBatch({ db, log, embedder }: EmbeddingStores, sinceMs: number): Promise<number | undefined> {
  const found = await selectUnembedded(db, embedder.model, sinceMs, batchSize);
  const last = found.at(-1);
  if (!last) return undefined;
  const vectors = await embedder.embed(found.map(({ text }) => text));
  const refused = found.filter((_, place) => !vectors[place]);
  for (const { documentId } of refused)
    log.warn({ document: documentId }, 'A document cannot be embedded; it is passed over.');
  const embedded = found.map((one, place) => ({ ...one, vector: vectors[place] ?? null }));
  await writeEmbeddings(db, embedder.model, embedded);
  return Math.max(sinceMs, last.updatedAt - lateMs);
}
