import { httpBatchStreamLink, httpLink, httpSubscriptionLink, splitLink, type TRPCLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import type { NexusRouter } from './generated/api.ts';
import { transformer } from './generated/transformer.ts';
import { momentLink } from './moment-link.ts';
import { type Fetch, nexusFetch } from './nexus-fetch.ts';
import { repeatLink } from './repeat-link.ts';
import type { RetryOptions } from './retry.ts';

export type LinkOptions = {
  url: string;
  token: string | (() => string | Promise<string>);
  fetch: Fetch;
  timeoutMs: number;
  retry: RetryOptions;
};

/** Longer inputs of queries go in a body: proxies refuse URLs above 8 KB or so. */
const maxInputChars = 6_000;
const maxURLLength = 7_500;
/** The most calls that the server takes in one request. */
const maxItems = 50;

/**
 * How calls travel: one by itself in a plain request, those of one moment together in one, each answered as soon as it is
 * ready; subscriptions by server-sent events, which go on after the last event that arrived.
 */
export function linksOf({ url, token, fetch, timeoutMs, retry }: LinkOptions): TRPCLink<NexusRouter>[] {
  const endpoint = { url: `${url.replace(/\/+$/, '')}/trpc`, transformer };
  const headers = async () => ({ authorization: `Bearer ${typeof token === 'function' ? await token() : token}` });
  const calling = { ...endpoint, headers, fetch: nexusFetch(fetch) };
  const inBody = { ...calling, methodOverride: 'POST' as const };
  return [
    repeatLink({ retry, timeoutMs }),
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({
        ...endpoint,
        // Node has no EventSource, and the browsers' sends no header.
        EventSource,
        eventSourceOptions: {
          fetch: async (address, init) =>
            fetch(address, { ...init, headers: { ...init.headers, ...(await headers()) } }),
        },
      }),
      false: splitLink({
        condition: ({ type, input }) => type === 'query' && charsOf(input) > maxInputChars,
        true: momentLink(httpLink(inBody), httpBatchStreamLink({ ...inBody, maxItems })),
        false: momentLink(httpLink(calling), httpBatchStreamLink({ ...calling, maxItems, maxURLLength })),
      }),
    }),
  ];
}

const charsOf = (input: unknown) => encodeURIComponent(JSON.stringify(input) ?? '').length;
