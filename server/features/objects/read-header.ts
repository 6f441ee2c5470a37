import { Worker } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { NexusError } from '../../errors.ts';
import { inNameOf } from '../../stores/callers.ts';
import { openPlaces } from '../../stores/places.ts';
import { type HeaderPages, toHeaderPages } from './header-pages.ts';

/** Size of the cache of headers, as JSON. The largest header takes a third of it. */
const keptBytes = 128 * 1024 * 1024;
/** A header of so many bytes is read in some 20 ms; a larger one beside the server's own thread. */
const readHereBytes = 256 * 1024;
const workerMs = 60_000;
const workerMegabytes = 1_024;

/** Headers of ready objects, whose bytes never change. */
const kept = new LRUCache<string, HeaderPages>({
  maxSize: keptBytes,
  sizeCalculation: ({ pages }) => 1_000 + pages.reduce((sum, page) => sum + page.length, 0),
});
const underWay = new Map<string, Promise<HeaderPages | string>>();
/** One workspace's headers follow one another. */
const places = openPlaces(1);

/** The file that a header is read from. */
export type HeaderSource = {
  workspaceId: number;
  /** Id of a ready object; undefined while its bytes may change, which are never cached. */
  objectId: string | undefined;
  /** Its bytes, and how many follow them; a text where the file cannot be one. */
  read(): Promise<{ bytes: Uint8Array; dataBytes: number } | string>;
};

/** A safetensors header, read once however many ask for it, and kept for a while. A text says what is wrong with it. */
export async function readHeaderOnce({ workspaceId, objectId, read }: HeaderSource): Promise<HeaderPages | string> {
  const inTurn = () =>
    inNameOf({ workspaceId, signal: undefined }, () =>
      places.run(async () => {
        const source = await read();
        return typeof source === 'string' ? source : parsed(source.bytes, source.dataBytes);
      }),
    );
  if (objectId === undefined) return inTurn();
  const key = `${workspaceId} ${objectId}`;
  const found = kept.get(key) ?? underWay.get(key);
  if (found) return found;
  const work = inTurn().finally(() => underWay.delete(key));
  underWay.set(key, work);
  const header = await work;
  if (typeof header !== 'string') kept.set(key, header);
  return header;
}

async function parsed(bytes: Uint8Array, dataBytes: number): Promise<HeaderPages | string> {
  if (bytes.length <= readHereBytes) return toHeaderPages(bytes, dataBytes);
  const worker = new Worker(new URL('./header-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: workerMegabytes },
  });
  const timer = setTimeout(() => void worker.terminate(), workerMs);
  try {
    return await new Promise<HeaderPages | string>((resolve, reject) => {
      worker.once('message', (answer: unknown) => resolve(Answer.parse(answer)));
      worker.once('error', reject);
      worker.once('exit', () =>
        reject(new NexusError('timeout', `The header of ${bytes.length} bytes took too long to read.`)),
      );
      worker.postMessage({ bytes, dataBytes });
    });
  } finally {
    clearTimeout(timer);
    void worker.terminate();
  }
}

/** The answer of this program's own worker. */
const Answer = z.custom<HeaderPages | string>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
);
