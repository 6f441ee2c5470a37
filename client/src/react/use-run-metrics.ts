import { hashKey, skipToken, useQuery } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useEffect, useMemo, useState } from 'react';
import type { Curve, CurvePoint, RunNews, RunStatus } from '../generated/api.ts';
import { errorOf } from './error-of.ts';
import { useNexus, useNexusClient } from './nexus-provider.ts';

/** The run and the curves to read. */
export type RunMetricsInput = {
  /** 123, "123" or "run-123". */
  runId: number | string;
  /** The names of the curves: `loss`, `val/accuracy`. */
  keys: readonly string[];
  /** The most points of each curve, 10 to 2,000; 500 by default. A longer curve is downsampled. */
  points?: number | undefined;
};

/** The curves of a run, as they are now. */
export type RunMetrics = {
  /** Curves by key, each in the order of its steps; empty until they have come. */
  curves: { readonly [key: string]: readonly CurvePoint[] };
  /** undefined until it has come. */
  status: RunStatus | undefined;
  /** Nothing has come yet. */
  isPending: boolean;
  /** New points are shown as they are logged; false where the connection is lost and while a finished run stands still. */
  isLive: boolean;
  /** Why the last read, or the subscription, failed. */
  error: Error | null;
};

/** After a read that failed. */
const readAgainMs = 5_000;

/** All points up to `revision`, and maybe some later ones. */
type Snapshot = { revision: number; status: RunStatus; curves: Curve[] };
type Followed = {
  input: string;
  after: number | undefined;
  news: RunNews[];
  /** The newest revision for which a read was asked. */
  asked: number;
};

/**
 * The curves of a run, kept up to date while it runs: read once, then followed from the revision they were read at, so
 * that no point is missed and a replaced one is replaced. When more new points have come than a curve may have, and when the
 * run has finished, they are read again, downsampled. It holds one connection while the run runs; over HTTP/1.1 a browser
 * has six of them for a server.
 */
export function useRunMetrics({ runId, keys, points = 500 }: RunMetricsInput): RunMetrics {
  const nexus = useNexus();
  const client = useNexusClient();
  // Below the router's own key, so that what refreshes all of `training` refreshes this.
  const queryKey = [['training', 'runMetrics'], { input: { runId, keys, points } }] as const;
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey,
    // The revision is read first, so that the curves hold all that it counts.
    queryFn: async ({ signal }): Promise<Snapshot> => {
      const { revision, status } = await client.training.get.query({ id: runId }, { signal });
      const curves = await Promise.all(
        keys.map((key) => client.training.history.query({ runId, key, points }, { signal })),
      );
      return { revision, status, curves };
    },
    staleTime: 0,
    // A server that was away when it was read comes back without anybody's doing.
    refetchInterval: ({ state }) => (state.status === 'error' ? readAgainMs : false),
  });

  const input = hashKey(queryKey);
  const unread: Followed = { input, after: undefined, news: [], asked: 0 };
  const [kept, setFollowed] = useState(unread);
  const followed = kept.input === input ? kept : unread;
  // Stays as it was first, or each new read would begin a new connection.
  if (data && followed.after === undefined) setFollowed({ ...followed, after: data.revision });

  const isOver = data?.status === 'completed' || data?.status === 'failed';
  const isFollowed = followed.after !== undefined && !isOver;
  const subscription = useSubscription(
    nexus.training.live.subscriptionOptions(isFollowed ? { runId, lastEventId: String(followed.after) } : skipToken, {
      onData: ({ data: item }) => {
        const asked = { ...item, points: item.points.filter(({ key }) => keys.includes(key)) };
        setFollowed((last) => (last.input === input ? { ...last, news: [...last.news, asked] } : last));
      },
    }),
  );

  const fresh = useMemo(
    () => followed.news.filter(({ revision }) => data === undefined || revision > data.revision),
    [followed.news, data],
  );
  // Points that a read has brought are not kept twice.
  if (fresh.length < followed.news.length) setFollowed({ ...followed, news: fresh });

  const curves = useMemo(() => curvesOf(keys, data, fresh), [input, data, fresh]);
  const status = fresh.at(-1)?.status ?? data?.status;
  const isFinished = status === 'completed' || status === 'failed';
  const isTooLong = fresh.reduce((count, item) => count + 1 + item.points.length, 0) > points;
  const newest = fresh.at(-1)?.revision ?? 0;
  // Once for what is new: a read that fails is not begun again without end.
  const isToBeRead = newest > followed.asked && (isTooLong || (isFinished && !isOver));
  useEffect(() => {
    if (!isToBeRead || isFetching) return;
    setFollowed((last) => ({ ...last, asked: newest }));
    void refetch();
  }, [isToBeRead, isFetching, newest, refetch]);

  const isLive = isFollowed && subscription.status === 'pending';
  return { curves, status, isPending, isLive, error: error ?? errorOf(isFollowed ? subscription.error : null) };
}

function curvesOf(keys: readonly string[], snapshot: Snapshot | undefined, news: RunNews[]): RunMetrics['curves'] {
  const added = news.flatMap(({ points }) => points);
  return Object.fromEntries(
    keys.map((key) => {
      const bySteps = new Map<number, CurvePoint>();
      for (const point of snapshot?.curves.find((curve) => curve.key === key)?.points ?? [])
        bySteps.set(point.step, point);
      for (const { step, value, time } of added.filter((point) => point.key === key))
        bySteps.set(step, { step, value, time });
      return [key, [...bySteps.values()].sort((a, b) => a.step - b.step)];
    }),
  );
}
