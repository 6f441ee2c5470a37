import { useQuery } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useEffect, useState } from 'react';
import type { ContextDocument, ListContextInput } from '../generated/api.ts';
import { errorOf } from './error-of.ts';
import { useNexus } from './nexus-provider.ts';

/** A filter of documents, and the most to show: 50 where it is left out. */
export type ContextFeedInput = Omit<ListContextInput, 'cursor'>;

/** The newest documents, as they are now. */
export type ContextFeed = {
  /** The newest first, at most `limit`; empty until they have come. */
  documents: readonly ContextDocument[];
  /** Nothing has come yet. */
  isPending: boolean;
  /** Changes are shown as they happen, whoever makes them; false while the connection is lost. */
  isLive: boolean;
  /** Why the last read, or the subscription, failed. */
  error: Error | null;
};

/**
 * The newest context documents of a topology, or of the workspace, kept up to date: they are read again, one read at a time,
 * whenever one was added, changed or deleted. It holds one connection; over HTTP/1.1 a browser has six of them for a server.
 */
export function useContextFeed(input: ContextFeedInput = {}): ContextFeed {
  const nexus = useNexus();
  const { data, error, isPending, isFetching, refetch } = useQuery(nexus.context.list.queryOptions(input));
  // Changes made while there was no connection are told to nobody: each new one counts as a change.
  const [changes, setChanges] = useState(0);
  const [read, setRead] = useState(0);
  const changed = () => setChanges((count) => count + 1);
  const { topologyId } = input;
  const { status, error: lost } = useSubscription(
    nexus.context.live.subscriptionOptions({ topologyId }, { onStarted: changed, onData: changed }),
  );
  useEffect(() => {
    // Beginning again with each change, a read would never end while many are made.
    if (changes === read || isFetching) return;
    setRead(changes);
    void refetch();
  }, [changes, read, isFetching, refetch]);
  return { documents: data?.items ?? [], isPending, isLive: status === 'pending', error: errorOf(error ?? lost) };
}
