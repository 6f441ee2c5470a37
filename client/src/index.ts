// tRPC's own types need these of whoever compiles against them.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
import { createTRPCClient, type TRPCClient } from '@trpc/client';
import { type Downloads, downloadsOf } from './downloads/index.ts';
import type { NexusRouter } from './generated/api.ts';
import { linksOf } from './links.ts';
import type { Fetch } from './nexus-fetch.ts';
import type { RetryOptions } from './retry.ts';
import { type Uploads, uploadsOf } from './uploads/index.ts';

export type * from './downloads/index.ts';
export * from './errors.ts';
export type * from './generated/api.ts';
export type { Fetch } from './nexus-fetch.ts';
export type { OnProgress, TransferProgress } from './progress.ts';
export type { RetryOptions } from './retry.ts';
export { createRunLogger, type Delivery, type RunLogger, type RunLoggerOptions } from './run-logger.ts';
export type * from './uploads/index.ts';

/** Where a client calls, as whom, and how patiently. */
export type NexusClientOptions = {
  /** The server's address: `http://127.0.0.1:3000`. */
  url: string;
  /** An access token, or a function that answers one for each request; `npm run token` prints the operator's. */
  token: string | (() => string | Promise<string>);
  /** How long one call may take, 60 s; `timeout` after that. What uploads and downloads call may take longer. */
  timeoutMs?: number | undefined;
  /**
   * How what is safe to repeat is repeated: 4 attempts, from 0.2 s up to 5 s apart. Queries are after a lost connection or
   * `unavailable`; mutations only where nothing can have happened.
   */
  retry?: Partial<RetryOptions> | undefined;
  /** Instead of the runtime's own. */
  fetch?: Fetch | undefined;
};

/** The procedures of the server by their nouns, and the transfers of bytes that are made of them. */
export type NexusClient = TRPCClient<NexusRouter> & { uploads: Uploads; downloads: Downloads };

/**
 * A typed client of one server. Calls made in the same moment travel in one request, each answered when it is ready; a
 * subscription goes on by itself where its connection was lost. Calls throw errors that `isNexusError` tells apart, and
 * take an AbortSignal: `nexus.topologies.get.query({ id }, { signal })`.
 */
export function createNexusClient(options: NexusClientOptions): NexusClient {
  const { url, token, timeoutMs = 60_000, retry, fetch = globalThis.fetch } = options;
  const api = createTRPCClient<NexusRouter>({
    links: linksOf({
      url,
      token,
      fetch: (input, init) => fetch(input, init),
      timeoutMs,
      retry: { maxAttempts: 4, firstDelayMs: 200, maxDelayMs: 5_000, ...retry },
    }),
  });
  const transfers = { uploads: uploadsOf(api), downloads: downloadsOf(api) };
  // tRPC's client answers every name with a noun of the server: these two are looked for first.
  return new Proxy(Object.assign(api, transfers), {
    get: (target, name) => Reflect.get(name in transfers ? transfers : target, name),
  });
}
