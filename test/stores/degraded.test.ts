import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isNexusError } from '@topology-nexus/client';
import { expect, test } from 'vitest';
import { documentDatabases } from '../../server/features/context/index.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { startLoopbackProxy } from '../support/loopback-proxy.ts';
import { startNexus } from '../support/nexus.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const patient = { timeout: 20_000, interval: 50 };

/** A server whose stores are real ones to it, behind proxies. */
async function openTroubled(before: (proxies: Proxies) => void = () => undefined) {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const [user, password] = ['nexus', randomUUID()];
  const couch = opened.use(
    await startEmbeddedDocuments({ directory: join(directory.path, 'documents'), user, password }),
  );
  couch.know(documentDatabases);
  const [accessKey, secretKey] = [randomUUID(), randomUUID()];
  const s3 = opened.use(
    await startEmbeddedObjects({ directory: join(directory.path, 'objects'), accessKey, secretKey }),
  );
  const given = process.env.DATABASE_URL;
  const database = given ? opened.use(await startLoopbackProxy(Number(new URL(given).port))) : undefined;
  const proxies = {
    documents: opened.use(await startLoopbackProxy(couch.port)),
    objects: opened.use(await startLoopbackProxy(s3.port)),
    database,
  };
  before(proxies);
  const url = given && new URL(given);
  if (url && database) url.port = String(database.port);
  const nexus = opened.use(
    await startNexus({
      COUCHDB_URL: `http://${user}:${password}@127.0.0.1:${proxies.documents.port}`,
      S3_ENDPOINT: `http://127.0.0.1:${proxies.objects.port}`,
      S3_ACCESS_KEY: accessKey,
      S3_SECRET_KEY: secretKey,
      ...(url && { DATABASE_URL: url.href }),
    }),
  );
  const client = nexus.as(nexus.token);
  const aTopology = (context: { type: string; data: string }[] = []) =>
    client.topologies.create.mutate({ name: `t-${randomUUID()}`, architecture: 'gnn', context });
  const closing = opened.move();
  return { ...proxies, nexus, client, aTopology, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
type Proxies = Pick<Awaited<ReturnType<typeof openTroubled>>, 'documents' | 'objects' | 'database'>;

const isAway = (store: string) => (error: unknown) =>
  isNexusError(error, 'unavailable') && error.data.details.store === store;

const troubles = [{ kind: 'cut' }, { kind: 'hold' }, { kind: 'slow', delayMs: 30_000 }] as const;

test.each(troubles)(
  'with CouchDB away ($kind) the rest works, and what was accepted is delivered when it is back',
  async (trouble) => {
    await using open = await openTroubled();
    open.documents.set(trouble);
    const topology = await open.aTopology([{ type: 'note', data: 'accepted while CouchDB was away' }]);
    expect(topology.effects).toBe('pending');
    expect(await open.client.topologies.get.query({ id: topology.id })).toMatchObject({
      id: topology.id,
      context: null,
    });
    const log = { name: `log-${randomUUID()}`, data: `bytes are stored all the same: ${randomUUID()}` };
    expect((await open.client.logs.upload.mutate(log)).status).toBe('ready');
    await expect(open.client.context.add.mutate({ type: 'note', data: 'refused' })).rejects.toSatisfy(
      isAway('documents'),
    );

    open.documents.set({ kind: 'pass' });
    await expect
      .poll(async () => (await open.client.topologies.get.query({ id: topology.id })).context, patient)
      .toMatchObject([{ data: 'accepted while CouchDB was away' }]);
  },
);

test.each(troubles)(
  'with the object store away ($kind) the rest works, and it is used again when it is back',
  async (trouble) => {
    await using open = await openTroubled();
    // Bytes of their own: the same ones are stored once, and would need no store.
    const log = { name: `log-${randomUUID()}`, data: `stored later: ${randomUUID()}` };
    open.objects.set(trouble);
    const refused = open.client.logs.upload.mutate(log);
    await expect(refused).rejects.toSatisfy(isAway('objects'));
    const topology = await open.aTopology([{ type: 'note', data: 'CouchDB is there' }]);
    expect(await open.client.context.list.query({ topologyId: topology.id })).toBeDefined();

    open.objects.set({ kind: 'pass' });
    await expect
      .poll(() => open.client.logs.upload.mutate(log).then(({ status }) => status, String), patient)
      .toBe('ready');
  },
);

test('an upload goes on where it was when the store is stopped in the middle of it, and starts again', async () => {
  await using directory = await temporaryDirectory();
  const settings = { directory: join(directory.path, 'objects'), accessKey: randomUUID(), secretKey: randomUUID() };
  const store = { running: await startEmbeddedObjects(settings) };
  const { port: preferredPort, endpoint } = store.running;
  await using _store = { [Symbol.asyncDispose]: () => store.running[Symbol.asyncDispose]() };
  await using nexus = await startNexus({
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY: settings.accessKey,
    S3_SECRET_KEY: settings.secretKey,
  });
  const client = nexus.as(nexus.token);
  const bytes = new Uint8Array(randomBytes(20 * 1024 * 1024));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const declared = { kind: 'artifact' as const, name: randomUUID(), sizeBytes: bytes.length, sha256 };
  const { object, upload } = await client.objects.begin.mutate(declared);
  if (upload?.method !== 'parts') throw new Error('It goes in parts.');
  const [first, second] = upload.parts;
  const send = (part = first, from = 0) =>
    fetch(part?.url ?? '', {
      method: 'PUT',
      headers: part?.headers ?? {},
      body: bytes.slice(from, from + upload.partSizeBytes),
    });
  expect((await send()).status).toBe(200);

  await store.running[Symbol.asyncDispose]();
  await expect(send(second, upload.partSizeBytes)).rejects.toThrow('fetch failed');
  await expect(client.objects.complete.mutate({ id: object.id })).rejects.toSatisfy(isAway('objects'));
  expect((await client.objects.get.query({ id: object.id })).status).toBe('pending');
  await expect(client.objects.begin.mutate({ ...declared, name: randomUUID() })).rejects.toSatisfy(isAway('objects'));

  store.running = await startEmbeddedObjects({ ...settings, preferredPort });
  expect(store.running.port).toBe(preferredPort);
  const partsThere = () =>
    client.objects.parts
      .query({ id: object.id })
      .then(({ parts }) => parts.flatMap(({ etag, partNumber }) => (etag ? partNumber : [])), String);
  await expect.poll(partsThere, patient).toEqual([1]);
  // The answer and the URLs from before the stop are still good.
  expect((await send(second, upload.partSizeBytes)).status).toBe(200);
  expect(await client.objects.complete.mutate({ id: object.id })).toMatchObject({ status: 'ready', sha256 });
  expect(Buffer.from(await client.downloads.bytes(object.id)).equals(bytes)).toBe(true);
});

test('a server starts while CouchDB and the object store are away, and makes ready what they need when they come', async () => {
  await using open = await openTroubled(({ documents, objects }) => {
    documents.set({ kind: 'cut' });
    objects.set({ kind: 'cut' });
  });
  expect((await open.aTopology()).effects).toBe('done');
  expect((await open.nexus.rest('GET', '/health')).status).toBe(503);
  open.documents.set({ kind: 'pass' });
  open.objects.set({ kind: 'pass' });
  const note = { type: 'note', data: 'after the start', id: randomUUID() };
  await expect.poll(() => open.client.context.add.mutate(note).then(({ id }) => id, String), patient).toBe(note.id);
  const log = { name: `log-${randomUUID()}`, data: `after the start: ${randomUUID()}` };
  await expect
    .poll(() => open.client.logs.upload.mutate(log).then(({ status }) => status, String), patient)
    .toBe('ready');
});

// The embedded PostgreSQL is in the server itself: it cannot be away.
test.each(process.env.DATABASE_URL ? troubles : [])(
  'with PostgreSQL away ($kind) every call says so, and works again when it is back',
  async (trouble) => {
    await using open = await openTroubled();
    await open.aTopology();
    open.database?.set(trouble);
    for (let call = 0; call < 3; call += 1) {
      await expect(open.aTopology()).rejects.toSatisfy(isAway('postgres'));
    }
    open.database?.set({ kind: 'pass' });
    await expect.poll(() => open.aTopology().then(({ effects }) => effects, String), patient).toBe('done');
  },
);
