import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client';
import { EventSource } from 'eventsource';
import { type Downloads, downloadsOf } from './downloads/index.ts';
import type { NexusRouter } from './generated/api.ts';
import { transformer } from './generated/transformer.ts';
import { type Uploads, uploadsOf } from './uploads/index.ts';

export type * from './downloads/index.ts';
export * from './errors.ts';
export type * from './generated/api.ts';
export type { OnProgress, TransferProgress } from './progress.ts';
export type { RetryOptions } from './retry.ts';
export type * from './uploads/index.ts';

export type NexusClientOptions = {
  /** Of the server: `http://127.0.0.1:3000`. */
  url: string;
  /** An access token; `npm run token` prints the operator's. */
  token: string;
};

/** The procedures of the server by their nouns, and the transfers of bytes that are made of them. */
export type NexusClient = TRPCClient<NexusRouter> & { uploads: Uploads; downloads: Downloads };

/**
 * A typed client of one server. Calls made in the same moment travel in one request, each answered when it is ready; a
 * subscription goes on by itself where its connection was lost.
 */
export function createNexusClient({ url, token }: NexusClientOptions): NexusClient {
  const endpoint = { url: `${url.replace(/\/+$/, '')}/trpc`, transformer };
  const headers = { authorization: `Bearer ${token}` };
  const api = createTRPCClient<NexusRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          ...endpoint,
          // Node has no EventSource, and the browsers' sends no header.
          EventSource,
          eventSourceOptions: {
            fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...headers } }),
          },
        }),
        false: httpBatchStreamLink({ ...endpoint, headers }),
      }),
    ],
  });
  const transfers = { uploads: uploadsOf(api), downloads: downloadsOf(api) };
  // tRPC's client answers every name with a noun of the server: these two are looked for first.
  return new Proxy(Object.assign(api, transfers), {
    get: (target, name) => Reflect.get(name in transfers ? transfers : target, name),
  });
}
