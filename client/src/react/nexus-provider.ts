import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { TRPCClient } from '@trpc/client';
import { createTRPCContext, type TRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { createContext, createElement, type FunctionComponent, type ReactNode, useContext } from 'react';
import type { NexusRouter } from '../generated/api.ts';
import type { NexusClient } from '../index.ts';

// Written out: what the compiler would infer names types that tRPC does not export.
type Options = {
  TRPCProvider: FunctionComponent<{
    queryClient: QueryClient;
    trpcClient: TRPCClient<NexusRouter>;
    children: ReactNode;
  }>;
  useTRPC: () => TRPCOptionsProxy<NexusRouter>;
};
const { TRPCProvider, useTRPC }: Options = createTRPCContext<NexusRouter>();

// tRPC's own context has the procedures alone, without uploads and downloads.
const ClientContext = createContext<NexusClient | undefined>(undefined);

/** Props of NexusProvider. */
export type NexusProviderProps = {
  /** Made once, by a module or `useMemo`; not kept by `useState`, which calls what is a function, as a client is. */
  client: NexusClient;
  /** The cache of answers. */
  queryClient: QueryClient;
  children?: ReactNode;
};

/** A number for each client, by which what is below begins anew with another one. */
const keyOf = (() => {
  const keys = new WeakMap<NexusClient, number>();
  let count = 0;
  return (client: NexusClient): number => {
    const known = keys.get(client);
    if (known !== undefined) return known;
    count += 1;
    keys.set(client, count);
    return count;
  };
})();

/**
 * Gives the hooks below it a client and a cache; it is TanStack Query's own provider too. With another client, which is
 * another access, everything below it begins anew; what the cache has of the former stays until `queryClient.clear()`. A
 * token that is only renewed needs no other client: give `createNexusClient` a function.
 */
export function NexusProvider({ client, queryClient, children }: NexusProviderProps): ReactNode {
  return createElement(
    QueryClientProvider,
    { client: queryClient },
    createElement(
      ClientContext.Provider,
      { value: client },
      createElement(TRPCProvider, { key: keyOf(client), queryClient, trpcClient: client, children }),
    ),
  );
}

/**
 * Options and keys for TanStack Query of every procedure: `useQuery(nexus.topologies.get.queryOptions({ id }))`,
 * `useMutation(nexus.topologies.create.mutationOptions())`, `queryClient.invalidateQueries(nexus.topologies.pathFilter())`.
 * Throws outside of a NexusProvider.
 */
export function useNexus(): TRPCOptionsProxy<NexusRouter> {
  return useTRPC();
}

/** The client itself, for what is no query: uploads, downloads, calls in handlers. Throws outside of a NexusProvider. */
export function useNexusClient(): NexusClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error('There is no client here; put a NexusProvider around what uses it.');
  return client;
}
