import { createTRPCClient, httpBatchStreamLink, type TRPCClient } from '@trpc/client';
import superjson from 'superjson';
import type { NexusRouter } from './generated/api.ts';

export * from './errors.ts';
export type * from './generated/api.ts';

export type NexusClientOptions = {
  /** Of the server: `http://127.0.0.1:3000`. */
  url: string;
  /** An access token; `npm run token` prints the operator's. */
  token: string;
};

export type NexusClient = TRPCClient<NexusRouter>;

/** A typed client of one server. Calls made in the same moment travel in one request, each answered when it is ready. */
export function createNexusClient({ url, token }: NexusClientOptions): NexusClient {
  return createTRPCClient<NexusRouter>({
    links: [
      httpBatchStreamLink({
        url: `${url.replace(/\/+$/, '')}/trpc`,
        transformer: superjson,
        headers: { authorization: `Bearer ${token}` },
      }),
    ],
  });
}
