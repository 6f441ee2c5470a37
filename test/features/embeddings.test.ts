import { describe, expect, test, vi } from 'vitest';
import { addManyChunks } from '../../server/features/chunks/add-chunks.ts';
import { AddManyChunksInput } from '../../server/features/chunks/contract.ts';
import { type Embedder, openEmbedder } from '../../server/stores/embeddings.ts';
import { openDocumentDomain } from '../support/document-domain.ts';
import { startEmbeddingsEndpoint } from '../support/embeddings-endpoint.ts';
import { followIngest, uploadFile } from '../support/ingest-texts.ts';
import { startNexus } from '../support/nexus.ts';
import { aDatasetOf, aVector } from '../support/rows.ts';

test('with an endpoint, text stands for a vector when chunks are added and searched; batched, and asked again after a 503', async () => {
  await using endpoint = await startEmbeddingsEndpoint({ failures: 1 });
  await using nexus = await startNexus({
    EMBEDDINGS_URL: endpoint.url,
    EMBEDDINGS_MODEL: 'all-MiniLM-L6-v2',
    EMBEDDINGS_API_KEY: 'a-key',
  });
  const client = nexus.as(nexus.token);
  const { id: datasetId, name } = await aDatasetOf(client);
  const texts = Array.from({ length: 130 }, (_, at) => ({ content: `filler${at} text${at}` }));
  const chunks = [{ content: 'vacuuming removes dead rows' }, { content: 'its own', embedding: aVector(5) }, ...texts];
  endpoint.requests.length = 0;
  expect((await client.chunks.addMany.mutate({ datasetId, chunks })).newCount).toBe(132);
  expect(endpoint.requests.map((request) => request.texts.length).sort()).toEqual([3, 64, 64]);
  expect(new Set(endpoint.requests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer a-key']));

  const found = await client.chunks.search.query({ datasetIds: [datasetId], text: 'vacuums', by: 'vector', k: 1 });
  expect(found.items[0]?.chunk.content).toBe('vacuuming removes dead rows');
  expect(found.items[0]?.similarity).toBeGreaterThan(0.4);
  // By words nothing is found, by both it is: the fused ranking has the vector's too.
  expect((await client.chunks.search.query({ datasetIds: [datasetId], text: 'vacuuxyz', by: 'words' })).items).toEqual(
    [],
  );
  const both = await client.chunks.search.query({ datasetIds: [datasetId], text: 'vacuuxyz', k: 3 });
  expect(both.items[0]?.chunk.content).toBe('vacuuming removes dead rows');

  const uploaded = await client.datasets.upload.mutate({
    name,
    files: [{ name: 'a.jsonl', data: '{"content":"from a file"}' }],
  });
  const objectId = uploaded.files[0]?.id ?? '';
  const { id } = await client.datasets.ingest.mutate({ datasetId, objectId });
  await new Promise<void>((resolve, reject) => {
    client.datasets.followIngest.subscribe({ id }, { onComplete: resolve, onError: reject });
  });
  expect(await client.datasets.getIngest.query({ id })).toMatchObject({ status: 'done', newCount: 1 });
});

test('an endpoint that refuses is asked once and the refusal names the settings; by words is searched all the same', async () => {
  await using endpoint = await startEmbeddingsEndpoint();
  await using nexus = await startNexus({ EMBEDDINGS_URL: endpoint.url, EMBEDDINGS_MODEL: 'all-MiniLM-L6-v2' });
  const client = nexus.as(nexus.token);
  const { id: datasetId } = await aDatasetOf(client);
  await client.chunks.add.mutate({ datasetId, content: 'joining relations' });
  endpoint.refusing.status = 401;
  endpoint.requests.length = 0;
  const refused = client.chunks.addMany.mutate({ datasetId, chunks: [{ content: 'other' }] });
  await expect(refused).rejects.toMatchObject({
    message: expect.stringContaining('answered 401; check EMBEDDINGS_URL, EMBEDDINGS_MODEL and EMBEDDINGS_API_KEY'),
    data: { reason: 'unavailable' },
  });
  expect(endpoint.requests).toHaveLength(1);
  expect((await client.datasets.get.query({ id: datasetId })).chunkCount).toBe(1);
  const worded = await client.chunks.search.query({ datasetIds: [datasetId], text: 'joins', by: 'words' });
  expect(worded.items).toHaveLength(1);
});

test('a line whose text the endpoint does not take is refused by its number, and the others go in and are asked for once', async () => {
  await using endpoint = await startEmbeddingsEndpoint();
  await using nexus = await startNexus({ EMBEDDINGS_URL: endpoint.url, EMBEDDINGS_MODEL: 'all-MiniLM-L6-v2' });
  const client = nexus.as(nexus.token);
  const dataset = await aDatasetOf(client);
  const texts = Array.from({ length: 140 }, (_, at) => (at === 40 ? 'to be refused' : `text ${at}`));
  texts[139] = 'zeros';
  const lines = texts.map((content) => JSON.stringify({ content }));
  const objectId = await uploadFile(client, dataset.name, Buffer.from(lines.join('\n')));
  endpoint.requests.length = 0;
  const { id } = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  expect((await followIngest(client, id)).at(-1)).toMatchObject({ status: 'done', newCount: 138, refusedCount: 2 });
  const reason = 'content: is a text that the embeddings endpoint does not take; shorten it, or give its embedding';
  expect((await client.datasets.refusals.query({ id })).items).toEqual([
    { line: 41, reason },
    { line: 140, reason },
  ]);
  // The batch with the refused text is followed by a plain text and by its halves; no other batch is sent again.
  const sizes = endpoint.requests.map((request) => request.texts.length).sort((a, b) => b - a);
  expect(sizes).toEqual([64, 64, 32, 32, 16, 16, 12, 8, 8, 4, 4, 2, 2, 1, 1, 1]);
});

test('an endpoint that takes no text at all blames no text: the settings are named, after two requests', async () => {
  await using endpoint = await startEmbeddingsEndpoint();
  await using nexus = await startNexus({ EMBEDDINGS_URL: endpoint.url, EMBEDDINGS_MODEL: 'all-MiniLM-L6-v2' });
  const client = nexus.as(nexus.token);
  const { id: datasetId } = await aDatasetOf(client);
  endpoint.refusing.status = 400;
  endpoint.requests.length = 0;
  const chunks = Array.from({ length: 50 }, (_, at) => ({ content: `text ${at}` }));
  await expect(client.chunks.addMany.mutate({ datasetId, chunks })).rejects.toMatchObject({
    message: expect.stringContaining('answered 400; check EMBEDDINGS_URL, EMBEDDINGS_MODEL and EMBEDDINGS_API_KEY'),
    data: { reason: 'unavailable' },
  });
  expect(endpoint.requests.map(({ texts }) => texts.length)).toEqual([50, 1]);
});

test('a text that the endpoint does not take, or makes zeros of, is named, and nothing of its call goes in', async () => {
  await using endpoint = await startEmbeddingsEndpoint();
  await using nexus = await startNexus({ EMBEDDINGS_URL: endpoint.url, EMBEDDINGS_MODEL: 'all-MiniLM-L6-v2' });
  const client = nexus.as(nexus.token);
  const { id: datasetId } = await aDatasetOf(client);
  const chunks = ['a', 'to be refused', 'b', 'zeros'].map((content) => ({ content }));
  await expect(client.chunks.addMany.mutate({ datasetId, chunks })).rejects.toMatchObject({
    message: expect.stringMatching(/^chunks\.1\.content: .* does not take; shorten it, or give its embedding\.$/),
    data: {
      reason: 'invalid_input',
      details: { issues: [{ field: 'chunks.1.content' }, { field: 'chunks.3.content' }] },
    },
  });
  expect((await client.datasets.get.query({ id: datasetId })).chunkCount).toBe(0);
});

test.each([
  ['answers 503', { status: 503 }],
  ['does not answer', { isSilent: true }],
])('while the endpoint %s, text is searched by its words, the answer says so, and pages go on', async (_, fault) => {
  await using endpoint = await startEmbeddingsEndpoint();
  await using nexus = await startNexus({ EMBEDDINGS_URL: endpoint.url, EMBEDDINGS_MODEL: 'all-MiniLM-L6-v2' });
  const client = nexus.as(nexus.token);
  const { id: datasetId } = await aDatasetOf(client);
  const word = `vacuum${datasetId}x${Date.now()}`;
  const chunks = Array.from({ length: 3 }, (_, at) => ({ content: `${word} ${'and more '.repeat(at + 1)}` }));
  await client.chunks.addMany.mutate({ datasetId, chunks });
  await client.context.add.mutate({ type: 'note', data: `A note of ${word}.` });
  const input = { datasetIds: [datasetId], text: word, k: 2 };
  const both = await client.chunks.search.query(input);
  expect(both.by).toBe('both');

  Object.assign(endpoint.refusing, fault);
  const worded = await client.chunks.search.query(input);
  expect(worded).toMatchObject({ by: 'words', complete: true, items: [{ similarity: null }, { similarity: null }] });
  const all = await client.search.all.query({ text: word });
  expect(all).toMatchObject({ unavailable: [], withoutMeaning: expect.arrayContaining(['chunk', 'context']) });
  expect(all.items.map(({ type }) => type).sort()).toEqual(['chunk', 'chunk', 'chunk', 'context']);
  for (const by of ['vector', 'both'] as const) {
    await expect(client.chunks.search.query({ ...input, by })).rejects.toMatchObject({
      message: expect.stringMatching(/^The embeddings endpoint .* give `by: "words"`\.$/),
      data: { reason: 'unavailable' },
    });
  }
  // A search that began by both cannot go on by words.
  const torn = client.chunks.search.query({ ...input, cursor: both.nextCursor ?? undefined });
  await expect(torn).rejects.toMatchObject({ data: { reason: 'unavailable' } });
  delete endpoint.refusing.status;
  endpoint.refusing.isSilent = false;
  const rest = await client.chunks.search.query({ ...input, cursor: worded.nextCursor ?? undefined });
  expect(rest).toMatchObject({ by: 'words', nextCursor: null, items: [{ similarity: null }] });
});

test('a model of another dimension is refused at start', async () => {
  await using endpoint = await startEmbeddingsEndpoint({ dimensions: 768 });
  await expect(startNexus({ EMBEDDINGS_URL: `${endpoint.url}/v1`, EMBEDDINGS_MODEL: 'mpnet' })).rejects.toMatchObject({
    name: 'ConfigError',
    message: 'EMBEDDINGS_MODEL is "mpnet", whose vectors have 768 numbers; choose a model of 384.',
  });
});

test('without an endpoint text is searched by words, and a chunk without a vector is refused by its place', async () => {
  await using nexus = await startNexus();
  const client = nexus.as(nexus.token);
  const { id: datasetId } = await aDatasetOf(client);
  await client.chunks.add.mutate({ datasetId, content: 'joining relations', embedding: aVector(1) });
  const found = await client.chunks.search.query({ datasetIds: [datasetId], text: 'joins' });
  expect(found.items).toHaveLength(1);
  const chunks = [{ content: 'a', embedding: aVector(1) }, { content: 'b' }];
  await expect(client.chunks.addMany.mutate({ datasetId, chunks })).rejects.toMatchObject({
    data: { reason: 'invalid_input', details: { field: 'chunks.1.embedding' } },
  });
  await expect(client.chunks.search.query({ text: 'joins', by: 'vector' })).rejects.toMatchObject({
    data: { reason: 'invalid_input', details: { field: 'embedding' } },
  });
});

describe('texts whose vectors somebody waits for', () => {
  const texts = ['one', 'two'];
  const opened = async () => {
    const endpoint = await startEmbeddingsEndpoint();
    const embedder = openEmbedder({ url: endpoint.url, model: 'all-MiniLM-L6-v2' });
    return {
      endpoint,
      embedder,
      async [Symbol.asyncDispose]() {
        embedder[Symbol.dispose]();
        await endpoint[Symbol.asyncDispose]();
      },
    };
  };

  test('chunks are refused in a bounded time when the endpoint hangs, and the refusal says what to do', async () => {
    await using domain = await openDocumentDomain();
    await using own = await opened();
    const impatient: Embedder = { ...own.embedder, embedSoon: (given) => own.embedder.embedSoon(given, 200) };
    own.endpoint.refusing.isSilent = true;
    const chunks = AddManyChunksInput.parse({ datasetId: 1, chunks: texts.map((content) => ({ content })) });
    const added = addManyChunks({ ...domain.stores, embedder: impatient }, domain.actor, chunks);
    await expect(added).rejects.toMatchObject({
      reason: 'unavailable',
      message:
        'The embeddings endpoint did not answer; try again shortly. Or send the vectors: give each chunk its `embedding`.',
      details: { store: 'embeddings' },
    });
  });

  test('do not stand behind what hangs in the background', async () => {
    await using own = await opened();
    own.endpoint.refusing.isSilent = true;
    const background = own.embedder.embed(Array.from({ length: 200 }, (_, at) => `background ${at}`));
    const ended = background.catch(() => 'ended');
    await vi.waitFor(() => expect(own.endpoint.requests).toHaveLength(2));
    own.endpoint.refusing.isSilent = false;
    expect(await own.embedder.embedSoon(texts)).toHaveLength(2);
    own.embedder[Symbol.dispose]();
    expect(await ended).toBe('ended');
  });

  test('what nobody waits for any longer takes no place of those who do', async () => {
    await using own = await opened();
    own.endpoint.refusing.isSilent = true;
    const many = Array.from({ length: 64 * 12 }, (_, at) => `text ${at}`);
    await expect(own.embedder.embedSoon(many, 100)).rejects.toMatchObject({ reason: 'unavailable' });
    own.endpoint.refusing.isSilent = false;
    expect(await own.embedder.embedSoon(texts)).toHaveLength(2);
    expect(own.endpoint.requests).toHaveLength(3);
  });
});
