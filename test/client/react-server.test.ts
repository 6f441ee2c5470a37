import { QueryClient, useMutation, useQuery } from '@tanstack/react-query';
import { createNexusClient } from '@topology-nexus/client';
import { NexusProvider, useContextFeed, useNexus, useRunMetrics, useUpload } from '@topology-nexus/client/react';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';

const asked: string[] = [];
const client = createNexusClient({
  url: 'http://127.0.0.1:9',
  token: 'none',
  fetch: async (input) => {
    asked.push(String(input));
    throw new TypeError('fetch failed');
  },
});

function Page() {
  const nexus = useNexus();
  const list = useQuery(nexus.topologies.list.queryOptions({ limit: 10 }));
  const create = useMutation(nexus.topologies.create.mutationOptions());
  const { curves, isPending, isLive } = useRunMetrics({ runId: 1, keys: ['loss'] });
  const { documents } = useContextFeed({ topologyId: 1 });
  const upload = useUpload((uploads, transfer, file: File) =>
    uploads.file(file, { kind: 'artifact', name: 'a', ...transfer }),
  );
  const seen = [list.status, create.status, curves.loss?.length, isPending, isLive, documents.length, upload.status];
  return createElement('p', null, seen.join(' '));
}
const page = (own: QueryClient) => createElement(NexusProvider, { client, queryClient: own }, createElement(Page));

test('the hooks render on a server, which asks for nothing and shows what is there before anything has come', () => {
  expect(renderToString(page(new QueryClient()))).toBe('<p>pending idle 0 true false 0 idle</p>');
  expect(asked).toEqual([]);
});

test('what was read before is rendered on a server', () => {
  const own = new QueryClient();
  const key = [['topologies', 'list'], { input: { limit: 10 }, type: 'query' }];
  own.setQueryData(key, { items: [], nextCursor: null });
  expect(renderToString(page(own))).toContain('<p>success ');
});

test('a hook outside of a provider says what is missing', () => {
  expect(() => renderToString(createElement(Page))).toThrow(/provider/i);
});
