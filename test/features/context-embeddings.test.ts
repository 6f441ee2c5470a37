import { randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEmbeddingsEndpoint } from '../support/embeddings-endpoint.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';

let endpoint: Awaited<ReturnType<typeof startEmbeddingsEndpoint>>;
let nexus: Nexus;
let client: NexusClient;
beforeAll(async () => {
  endpoint = await startEmbeddingsEndpoint({ failures: 3 });
  nexus = await startNexus({ EMBEDDINGS_URL: endpoint.url, EMBEDDINGS_MODEL: 'all-MiniLM-L6-v2' });
  client = nexus.as(nexus.token);
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

const type = () => `t-${randomUUID()}`;
const add = (given: { type: string; data: string }) => client.context.add.mutate(given);
type Asked = Parameters<NexusClient['context']['search']['query']>[0];
const found = async (asked: Asked) =>
  (await client.context.search.query(asked)).items.map(({ document }) => document.id);
/** Until the embedder has come to it. */
const until = (asked: Asked, expected: readonly string[]) =>
  vi.waitFor(async () => expect(await found(asked)).toEqual(expected), { timeout: 20_000, interval: 50 });

test('a note is found by its meaning, though it has none of the words, and after an endpoint that was away', async () => {
  const kind = type();
  const near = await add({ type: kind, data: 'vacuuming removes dead rows' });
  const far = await add({ type: kind, data: 'gradient clipping' });
  const asked = { text: 'vacuuxyz', type: kind };
  await until({ ...asked, by: 'meaning' }, [near.id, far.id]);
  expect(await found({ ...asked, by: 'words' })).toEqual([]);
  expect(await found({ ...asked, limit: 1 })).toEqual([near.id]);
});

test('what both rankings have comes first, and pages go on where they ended', async () => {
  const kind = type();
  const both = await add({ type: kind, data: 'overfitting after epoch eight' });
  const others = await Promise.all([1, 2, 3].map((n) => add({ type: kind, data: `overture ${n}` })));
  await vi.waitFor(
    async () => expect(await found({ text: 'overfitting', type: kind, by: 'meaning' })).toHaveLength(4),
    { timeout: 20_000, interval: 50 },
  );
  const first = await client.context.search.query({ text: 'overfitting', type: kind, limit: 2 });
  expect(first.items[0]?.document.id).toBe(both.id);
  expect(first.items[0]?.highlight).toContain('«overfitting»');
  const second = await client.context.search.query({
    text: 'overfitting',
    type: kind,
    limit: 2,
    cursor: first.nextCursor ?? undefined,
  });
  const seen = [...first.items, ...second.items].map(({ document }) => document.id);
  expect(new Set(seen)).toEqual(new Set([both.id, ...others.map(({ id }) => id)]));
  expect(second.nextCursor).toBeNull();
});

test('a note that changed is found by what it says now, and one that was deleted is not found', async () => {
  const kind = type();
  const changed = await add({ type: kind, data: 'attention heads' });
  const other = await add({ type: kind, data: 'something else' });
  await until({ text: 'attexyz', type: kind, by: 'meaning' }, [changed.id, other.id]);
  await client.context.update.mutate({ id: changed.id, data: 'quantization error' });
  await until({ text: 'quanxyz', type: kind, by: 'meaning', limit: 1 }, [changed.id]);
  await client.context.delete.mutate({ id: changed.id });
  await until({ text: 'quanxyz', type: kind, by: 'meaning' }, [other.id]);
});

test('without an endpoint a search by meaning is refused, and others are by words', async () => {
  await using plain = await startNexus();
  const alone = plain.as(plain.token);
  const note = await alone.context.add.mutate({ type: 'note', data: 'vacuuming removes dead rows' });
  const { items } = await alone.context.search.query({ text: 'vacuum' });
  expect(items.map(({ document }) => document.id)).toEqual([note.id]);
  await expect(alone.context.search.query({ text: 'vacuum', by: 'meaning' })).rejects.toMatchObject({
    data: { reason: 'invalid_input', details: { field: 'by', value: 'meaning' } },
  });
});
