import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import { z } from 'zod';
import { embeddingDimensions } from '../../drizzle/schema/index.ts';
import { NexusError } from '../errors.ts';

/** An endpoint that speaks OpenAI's `/v1/embeddings`. */
export type EmbeddingsAddress = { url: string; model: string; apiKey?: string };

type MaybeVectors = (Float32Array | null)[];

/** Turns texts into vectors. */
export type Embedder = {
  model: string;
  /**
   * A vector a text, in their order, and null for a text that the endpoint refuses, or whose vector has no direction: one
   * text must not hold up the others.
   * Throws `unavailable`, and `precondition_failed` for vectors of another dimension.
   */
  embed(texts: readonly string[]): Promise<MaybeVectors>;
  /**
   * As `embed`, for somebody who waits: past what `embed` has in work, and given up when the endpoint has answered none of
   * those who wait for 15 s, or so many.
   */
  embedSoon(texts: readonly string[], quietMs?: number): Promise<MaybeVectors>;
  /**
   * The vector of one text that somebody waits for: within 3 s, or so many, past whatever `embed` has in work, and at once
   * while the endpoint is away. Throws as `embed` does.
   */
  embedNow(text: string, withinMs?: number): Promise<Float32Array>;
};

const batchSize = 64;
/** A text that every model accepts. */
const plainText = 'text';
/** Requests at a time: an endpoint that embeds on a processor does no more in the same time for more of them. */
const concurrency = 2;
const answerTimeoutMs = 60_000;
const retries = { retries: 4, minTimeout: 200, maxTimeout: 5_000, factor: 3, randomize: true };
/** Somebody who searches does not wait any longer. */
const patienceMs = 3_000;
const promptRetries = { retries: 2, minTimeout: 50, maxTimeout: 500, factor: 3, randomize: true };
/** An endpoint that answers nothing for so long is taken to hang; a slow one answers a batch in a few seconds. */
const quietestMs = 15_000;
const soonRetries = { retries: 3, minTimeout: 200, maxTimeout: 2_000, factor: 3, randomize: true };
/** Failures in a row that open the circuit; it is tried again after `pauseMs`. */
const failures = 3;
const pauseMs = 2_000;

const Answer = z.object({ data: z.array(z.object({ index: z.int().optional(), embedding: z.array(z.number()) })) });

/** Opens a client; nothing is sent until the first call. Disposing it ends what it has in work. */
export function openEmbedder({ url, model, apiKey }: EmbeddingsAddress): Embedder & Disposable {
  const endpoint = endpointOf(url);
  const limit = pLimit(concurrency);
  // Waiting callers have places of their own: background work may hold its places for minutes.
  const soon = pLimit(concurrency);
  const quietTimers = new Set<NodeJS.Timeout>();
  const stopping = new AbortController();

  const circuit = circuitBreaker(handleWhen(isAway), {
    halfOpenAfter: pauseMs,
    breaker: new ConsecutiveBreaker(failures),
  });

  const ask = (
    input: readonly string[],
    attempts: typeof retries,
    signalOf: () => AbortSignal,
    isOver: () => boolean = () => false,
  ) =>
    pRetry(
      async () => {
        const response = await answered(endpoint, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
          },
          body: JSON.stringify({ model, input, encoding_format: 'float' }),
          signal: AbortSignal.any([signalOf(), stopping.signal]),
        });
        return vectorsOf(response, input.length, model);
      },
      { ...attempts, signal: stopping.signal, shouldRetry: ({ error }) => !isOver() && isAway(error) },
    );

  return {
    model,
    async embed(texts) {
      const signalOf = () => AbortSignal.timeout(answerTimeoutMs);
      const embedPart = (part: readonly string[]) => ask(part, retries, signalOf);
      return (await Promise.all(batchesOf(texts).map((batch) => limit(() => takenOf(batch, embedPart))))).flat();
    },
    async embedSoon(texts, quietMs = quietestMs) {
      const over = new AbortController();
      const timer = setTimeout(() => over.abort(), quietMs);
      quietTimers.add(timer);
      const signalOf = () => AbortSignal.any([over.signal, AbortSignal.timeout(quietMs)]);
      const embedPart = async (part: readonly string[]) => {
        if (over.signal.aborted) throw unavailable('did not answer', true, undefined, over.signal.reason);
        // Any answer, even a refusal, shows that the endpoint is alive for the calls queued behind this part.
        const isHeard = () => {
          for (const one of quietTimers) one.refresh();
        };
        try {
          const vectors = await ask(part, soonRetries, signalOf, () => over.signal.aborted);
          isHeard();
          return vectors;
        } catch (error) {
          if (isOfText(error)) isHeard();
          throw error;
        }
      };
      // A place in the line is waited for no longer than an answer.
      const isQuiet = new Promise<never>((_, reject) => {
        over.signal.addEventListener('abort', () => reject(unavailable('did not answer', true, undefined, undefined)));
      });
      try {
        const made = Promise.all(batchesOf(texts).map((batch) => soon(() => takenOf(batch, embedPart))));
        return (await Promise.race([made, isQuiet])).flat();
      } finally {
        clearTimeout(timer);
        quietTimers.delete(timer);
        // Nobody waits for the requests that are still open.
        over.abort();
      }
    },
    async embedNow(text, withinMs = patienceMs) {
      // One for all attempts: it is the whole that is waited for.
      const signal = AbortSignal.timeout(withinMs);
      try {
        const [vector] = await circuit.execute(() => ask([text], promptRetries, () => signal));
        if (!vector) throw unavailable('answered a vector without a direction', false, undefined, undefined);
        return vector;
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        throw unavailable('is away', true, undefined, circuit.lastFailure);
      }
    },
    [Symbol.dispose]: () => stopping.abort(),
  };
}

function batchesOf(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  for (let from = 0; from < texts.length; from += batchSize) batches.push(texts.slice(from, from + batchSize));
  return batches;
}

/**
 * The vectors of a batch, null for those of its texts that the endpoint does not take: what is refused is asked for by halves,
 * down to the texts that are refused by themselves. Throws where it takes no text at all.
 */
async function takenOf(
  texts: readonly string[],
  embed: (part: readonly string[]) => Promise<MaybeVectors>,
  isHalf = false,
): Promise<MaybeVectors> {
  try {
    return await embed(texts);
  } catch (error) {
    if (!isOfText(error)) throw error;
    // Some refuse a model that they do not know as they refuse a text.
    if (!isHalf) await embed([plainText]);
    if (texts.length === 1) return [null];
    const middle = Math.ceil(texts.length / 2);
    const before = await takenOf(texts.slice(0, middle), embed, true);
    return [...before, ...(await takenOf(texts.slice(middle), embed, true))];
  }
}

/** `https://host`, `https://host/v1` and the whole address are all understood. */
function endpointOf(given: string): string {
  const url = new URL(given);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/embeddings') ? path : path === '' ? '/v1/embeddings' : `${path}/embeddings`;
  return url.href;
}

async function answered(endpoint: string, request: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(endpoint, request);
    if (response.ok) return await response.json();
  } catch (error) {
    throw unavailable('did not answer', true, undefined, error);
  }
  await response.body?.cancel();
  throw unavailable(
    `answered ${response.status}`,
    response.status === 429 || response.status >= 500,
    response.status,
    undefined,
  );
}

const isAway = (error: unknown) => error instanceof NexusError && error.details.isPassing === true;

/** Whether the endpoint refused what it was given: not that it is away, nor a key or model that it does not know. */
const isOfText = (error: unknown) =>
  error instanceof NexusError && [400, 413, 422].some((status) => error.details.status === status);

const unavailable = (what: string, isPassing: boolean, status: number | undefined, cause: unknown) =>
  new NexusError(
    'unavailable',
    `The embeddings endpoint ${what}; ${isPassing ? 'try again shortly' : 'check EMBEDDINGS_URL, EMBEDDINGS_MODEL and EMBEDDINGS_API_KEY'}.`,
    { details: { store: 'embeddings', isPassing, ...(status !== undefined && { status }) }, cause },
  );

function vectorsOf(response: unknown, count: number, model: string): MaybeVectors {
  const answer = Answer.safeParse(response);
  if (!answer.success || answer.data.data.length !== count) {
    throw unavailable('answered something else than one vector a text', false, undefined, answer.error);
  }
  const ordered = answer.data.data
    .map(({ index, embedding }, place) => ({ place: index ?? place, embedding }))
    .sort((a, b) => a.place - b.place);
  return ordered.map(({ embedding }) => {
    if (embedding.length !== embeddingDimensions) {
      throw new NexusError(
        'precondition_failed',
        `EMBEDDINGS_MODEL is "${model}", whose vectors have ${embedding.length} numbers; choose a model of ${embeddingDimensions}.`,
        { details: { store: 'embeddings', dimensions: embedding.length } },
      );
    }
    const vector = Float32Array.from(embedding);
    // One alone would leave every search over it without an answer.
    return vector.some((part) => part !== 0) && vector.every(Number.isFinite) ? vector : null;
  });
}
