import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client';
import { EventSource } from 'eventsource';
import type { NexusRouter } from './generated/api.ts';
import { transformer } from './generated/transformer.ts';

export * from './errors.ts';
export type * from './generated/api.ts';

export type NexusClientOptions = {
  /** Of the server: `http://127.0.0.1:3000`. */
  url: string;
  /** An access token; `npm run token` prints the operator's. */
  token: string;
};

export type NexusClient = TRPCClient<NexusRouter>;

/**
 * A typed client of one server. Calls made in the same moment travel in one request, each answered when it is ready; a
 * subscription goes on by itself where its connection was lost.
 */
export function createNexusClient({ url, token }: NexusClientOptions): NexusClient {
  const endpoint = { url: `${url.replace(/\/+$/, '')}/trpc`, transformer };
  const headers = { authorization: `Bearer ${token}` };
  return createTRPCClient<NexusRouter>({
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
}
