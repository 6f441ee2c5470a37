import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as nextPoll } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createNexusClient,
  isNexusError,
  type NexusClient,
  TransferError,
  type TransferProgress,
} from '@topology-nexus/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { isPart, startStoreProxy, times } from '../support/store-proxy.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const mebibyte = 1024 * 1024;
const small = new Uint8Array(randomBytes(3000));
/** Three parts of 16 MiB and a rest. */
const large = new Uint8Array(randomBytes(50 * mebibyte));
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const partsSha256Of = (bytes: Uint8Array) => {
  const all = createHash('sha256');
  for (let at = 0; at < bytes.length; at += 16 * mebibyte)
    all.update(sha256Of(bytes.subarray(at, at + 16 * mebibyte)), 'hex');
  return all.digest('hex');
};
/** Known hashes of uploaded bytes: of the parts where they went in parts, else of the whole. */
const hashesOf = (bytes: Uint8Array) =>
  bytes.length > 16 * mebibyte
    ? { sha256: null, partsSha256: partsSha256Of(bytes) }
    : { sha256: sha256Of(bytes), partsSha256: null };
const aName = () => `${randomUUID()}.bin`;
const retry = { firstDelayMs: 1, maxDelayMs: 5 };

let opened: AsyncDisposableStack;
let proxy: Awaited<ReturnType<typeof startStoreProxy>>;
let server: Nexus;
let nexus: NexusClient;
let folder: string;
let largePath: string;
beforeAll(async () => {
  await using stack = new AsyncDisposableStack();
  folder = stack.use(await temporaryDirectory()).path;
  largePath = join(folder, 'large.bin');
  await writeFile(largePath, large);
  const keys = { accessKey: randomUUID(), secretKey: randomUUID() };
  const store = stack.use(await startEmbeddedObjects({ directory: join(folder, 's3'), ...keys }));
  proxy = stack.use(await startStoreProxy(store.endpoint));
  server = stack.use(
    await startNexus({
      S3_ENDPOINT: store.endpoint,
      S3_PUBLIC_ENDPOINT: proxy.url,
      S3_ACCESS_KEY: keys.accessKey,
      S3_SECRET_KEY: keys.secretKey,
    }),
  );
  nexus = server.as(server.token);
  opened = stack.move();
});
afterAll(async () => opened.disposeAsync());
beforeEach(async () => {
  proxy.reset();
  // Other bytes in every test: the same ones would be there already, and nothing would be sent.
  for (const bytes of [small, large]) bytes.set(randomBytes(16));
  await writeFile(largePath, large);
});

const upload = (source: Parameters<NexusClient['uploads']['file']>[0], name = aName(), options = {}) =>
  nexus.uploads.file(source, { kind: 'artifact', name, retry, ...options });

const rejection = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('an upload', () => {
  test.each([
    ['a path', () => largePath, large],
    ['a file: URL', () => pathToFileURL(largePath), large],
    ['a Buffer', () => Buffer.from(large.buffer), large],
    ['an ArrayBuffer', () => small.buffer.slice(0), small],
    ['a Blob', () => new Blob([large]), large],
    ['a file as a Blob', () => openAsBlob(largePath), large],
    ['a File', () => new File([small], 'small.bin'), small],
    ['a Node stream', () => createReadStream(largePath), large],
    ['a web stream', () => Readable.toWeb(createReadStream(largePath)), large],
    ['a generator', () => Readable.from([small.subarray(0, 10), small.subarray(10)]), small],
    ['no bytes at all', () => new Uint8Array(), new Uint8Array()],
  ] as const)('of %s is ready and reads back byte for byte', async (_source, open, expected) => {
    const object = await upload(await open());
    expect(object).toMatchObject({ status: 'ready', sizeBytes: expected.length, ...hashesOf(expected) });
    const read = await nexus.downloads.bytes(object.id);
    expect(sha256Of(read)).toBe(sha256Of(expected));
  });

  test('tells its phases, how much has left and at what rate', async () => {
    const told: TransferProgress[] = [];
    await upload(largePath, aName(), { onProgress: (progress: TransferProgress) => told.push(progress) });
    for (const phase of ['hashing', 'sending'] as const) {
      const ofPhase = told.filter((progress) => progress.phase === phase);
      expect(ofPhase.at(-1)).toMatchObject({ doneBytes: large.length, totalBytes: large.length });
      const done = ofPhase.map((progress) => progress.doneBytes);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
    }
    expect(told.some((progress) => progress.bytesPerSecond > 0)).toBe(true);
    expect(told.at(-1)?.phase).toBe('completing');
  });

  test('sends a part again whose connection broke, and no other', async () => {
    proxy.reset({ breaks: times(2, (request) => isPart(request, 2)) });
    expect((await upload(largePath)).status).toBe('ready');
    expect([1, 2, 3, 4].map(proxy.sends)).toEqual([1, 3, 1, 1]);
  });

  test.each([
    [503, 'SlowDown'],
    [429, 'TooManyRequests'],
    [403, 'AccessDenied'],
  ])(
    'whose part the store refuses with %d %s for a while sends it again after the time that it names',
    async (status, code) => {
      const isFirst = times(2, (request) => isPart(request, 2));
      proxy.reset({ answers: (request) => (isFirst(request) ? { status, code, retryAfter: '0' } : undefined) });
      // Without the header it would be an hour.
      const patient = { maxAttempts: 3, firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
      expect((await upload(largePath, aName(), { retry: patient })).status).toBe('ready');
      expect([1, 2, 3, 4].map(proxy.sends)).toEqual([1, 3, 1, 1]);
    },
  );

  test('whose small object the store refuses for good is not sent again, and says why', async () => {
    proxy.reset({
      answers: (request) => (request.startsWith('PUT ') ? { status: 400, code: 'EntityTooLarge' } : undefined),
    });
    const error = await rejection(upload(small));
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ status: 400 });
    expect(String(error)).toContain('400 EntityTooLarge');
    expect(proxy.requests).toHaveLength(1);
  });

  test('whose part never arrives fails with what and why, and resumes with that part only', async () => {
    const name = aName();
    proxy.reset({ breaks: (request) => isPart(request, 3) });
    const error = await rejection(upload(largePath, name, { concurrency: 1, retry: { ...retry, maxAttempts: 2 } }));
    expect(error).toBeInstanceOf(TransferError);
    expect(String(error)).toContain(`part 3 of artifacts/${name}`);
    expect([1, 2, 3, 4].map(proxy.sends)).toEqual([1, 1, 2, 0]);
    proxy.reset();
    const progress: TransferProgress[] = [];
    const object = await upload(largePath, name, { onProgress: (one: TransferProgress) => progress.push(one) });
    expect(object.status).toBe('ready');
    expect([1, 2, 3, 4].map(proxy.sends)).toEqual([0, 0, 1, 1]);
    expect(progress.find((one) => one.phase === 'sending')?.doneBytes).toBeGreaterThan(0);
  });

  test('ends with the reason of its signal, leaves no ready object, and resumes with what is missing', async () => {
    const name = aName();
    proxy.reset({ stalls: (request) => isPart(request, 3) });
    const controller = new AbortController();
    const reason = new Error('That is enough.');
    const uploading = rejection(upload(largePath, name, { concurrency: 1, signal: controller.signal }));
    await arrived(name, 2);
    controller.abort(reason);
    expect(await uploading).toBe(reason);
    const { items } = await nexus.objects.list.query({ prefix: `artifacts/${name}` });
    expect(items.map((item) => item.status)).toEqual(['pending']);
    proxy.reset();
    expect((await upload(largePath, name)).status).toBe('ready');
    expect([1, 2, 3, 4].map(proxy.sends)).toEqual([0, 0, 1, 1]);
  });

  test('that is aborted to be discarded leaves nothing', async () => {
    const name = aName();
    const controller = new AbortController();
    const onProgress = ({ phase }: TransferProgress) => {
      if (phase === 'sending') controller.abort();
    };
    const uploading = upload(largePath, name, { signal: controller.signal, onProgress, whenAborted: 'discard' });
    expect(await rejection(uploading)).toBe(controller.signal.reason);
    expect((await nexus.objects.list.query({ prefix: `artifacts/${name}` })).items).toEqual([]);
  });

  test('whose signal is aborted already sends nothing', async () => {
    const name = aName();
    await rejection(upload(largePath, name, { signal: AbortSignal.abort() }));
    expect(proxy.requests).toEqual([]);
    expect((await nexus.objects.list.query({ prefix: `artifacts/${name}` })).items).toEqual([]);
  });

  test('of a process that was killed is resumed by another one, which sends only what is missing', async () => {
    const name = aName();
    proxy.reset({ stalls: (request) => isPart(request, 3) || isPart(request, 4) });
    const script = fileURLToPath(new URL('../support/upload-process.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--no-warnings', '--conditions=@topology-nexus/source', script, server.url, server.token, largePath, name],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const id = await arrived(name, 2);
    child.kill('SIGKILL');
    proxy.reset();
    const object = await upload(largePath, name);
    expect(object).toMatchObject({ id, status: 'ready', ...hashesOf(large) });
    expect([1, 2, 3, 4].map(proxy.sends)).toEqual([0, 0, 1, 1]);
  });

  test('of other bytes than its hash says is refused and leaves no ready object', async () => {
    for (const source of [small, largePath]) {
      const name = aName();
      const error = await rejection(upload(source, name, { sha256: sha256Of(new Uint8Array(1)) }));
      // A single PUT is bound to its hash, so that the store refuses it; of parts the server reads the whole.
      const isRefused = isNexusError(error, 'precondition_failed') || error instanceof TransferError;
      expect(isRefused).toBe(true);
      expect((await nexus.objects.list.query({ prefix: `artifacts/${name}`, status: 'ready' })).items).toEqual([]);
    }
  });

  test('of bytes that are there already sends nothing', async () => {
    const name = aName();
    const object = await upload(largePath, name);
    proxy.reset();
    expect(await upload(largePath, name)).toEqual(object);
    expect(proxy.requests).toEqual([]);
  });

  test('of bytes that are there already and whose whole hash is given sends nothing, and has it then', async () => {
    const name = aName();
    const { id } = await upload(largePath, name);
    proxy.reset();
    const both = { sha256: sha256Of(large), partsSha256: partsSha256Of(large) };
    for (const other of [name, aName()]) {
      expect(await upload(largePath, other, { sha256: both.sha256 })).toMatchObject({ status: 'ready', ...both });
    }
    expect(await nexus.objects.get.query({ id })).toMatchObject(both);
    expect(proxy.requests).toEqual([]);
  });

  test('of parts whose hashes are known hashes nothing', async () => {
    const partSha256s = [0, 1, 2, 3].map((part) =>
      sha256Of(large.subarray(part * 16 * mebibyte, (part + 1) * 16 * mebibyte)),
    );
    const told = new Set<string>();
    const onProgress = ({ phase }: TransferProgress) => told.add(phase);
    expect(await upload(largePath, aName(), { partSha256s, onProgress })).toMatchObject(hashesOf(large));
    expect(told).not.toContain('hashing');
  });
});

/** Waits until the store has so many parts of an upload, and answers its object's id. */
async function arrived(name: string, partCount: number): Promise<string> {
  for (let poll = 0; poll < 1000; poll += 1) {
    const { items } = await nexus.objects.list.query({ prefix: `artifacts/${name}` });
    const [object] = items;
    const page = object && (await nexus.objects.parts.query({ id: object.id }).catch(() => undefined));
    if (object && page && page.parts.filter((part) => part.etag !== undefined).length >= partCount) return object.id;
    await nextPoll(10);
  }
  throw new Error('The parts did not arrive.');
}

describe('what the guide uploads', () => {
  const aTopology = () => nexus.topologies.create.mutate({ name: randomUUID(), architecture: 'transformer' });

  test('is a small JSON model in one call, with its metadata', async () => {
    const name = `model-${randomUUID()}`;
    const modelData = { architecture: 'transformer', parameters: { layers: 6, dim: 512 } };
    const metadata = { version: '1.0', accuracy: 0.94, compression_ratio: 0.1 };
    const version = await nexus.uploads.model({ name, modelData, metadata });
    expect(version).toMatchObject({ name, version: 1, metadata, path: `models/${name}-v1.json` });
    expect(proxy.requests).toEqual([]);
    expect((await nexus.models.download.query({ name })).modelData).toEqual(modelData);
  });

  /** A client that loses the first answer of each call of a procedure, when the server has done it. */
  const losing = (procedure: string) => {
    const lost = { calls: 0 };
    const client = createNexusClient({
      ...server,
      retry: { firstDelayMs: 1 },
      async fetch(input, init) {
        const response = await fetch(input, init);
        if (!String(input).includes(procedure)) return response;
        lost.calls += 1;
        if (lost.calls % 2 === 0) return response;
        expect(response.status).toBe(200);
        await response.text();
        throw new TypeError('fetch failed', { cause: new Error('reset') });
      },
    });
    return { client, lost };
  };

  test('is one version of a model, also where the answer was lost and the call repeated', async () => {
    const name = `model-${randomUUID()}`;
    const { client, lost } = losing('models.upload');
    const document = await client.uploads.model({ name, modelData: { a: 1 } });
    const file = await client.uploads.model({ name, source: small });
    const { versions } = await nexus.models.get.query({ id: name });
    expect(versions.map(({ objectId }) => objectId)).toEqual([file.objectId, document.objectId]);
    expect(lost.calls).toBe(4);
  });

  test('is one checkpoint, one log and one artifact where the answer was lost and the call repeated', async () => {
    const { id: topologyId } = await aTopology();
    const checkpoints = losing('checkpoints.upload');
    const about = { topologyId, step: 7, metadata: { loss: 0.1, tags: ['a'] } };
    const document = { ...about, name: 'document', checkpointData: { w: [randomUUID()] } };
    const file = { ...about, name: 'file', source: new Blob([randomUUID()]), fileName: 'a.pt' };
    const kept = [
      await checkpoints.client.uploads.checkpoint(document),
      await checkpoints.client.uploads.checkpoint(file),
    ];
    const { items } = await nexus.checkpoints.list.query({ topologyId });
    expect(items.map(({ id }) => id)).toEqual(kept.map(({ id }) => id).reverse());
    expect(checkpoints.lost.calls).toBe(4);

    const logs = losing('logs.upload');
    const [name, date] = [randomUUID(), '2024-01-16'];
    const log = await logs.client.uploads.log({ name, date, data: 'it ran' });
    // The same text again is another log, which was not lost but called for.
    const again = await logs.client.uploads.log({ name, date, data: 'it ran' });
    expect([log.key, again.key]).toEqual([`logs/${date}/${name}.log`, `logs/${date}/${name}-2.log`]);
    expect((await nexus.objects.list.query({ kind: 'log', prefix: `logs/${date}/${name}` })).items).toHaveLength(2);
    expect(logs.lost.calls).toBe(4);

    const artifacts = losing('artifacts.upload');
    const artifact = await artifacts.client.uploads.artifact({ name, data: { a: 1 } });
    expect((await nexus.artifacts.list.query({ prefix: name })).items.map(({ id }) => id)).toEqual([artifact.id]);
    expect(artifacts.lost.calls).toBe(2);
  });

  test('is a JSON model above 16 MiB just the same', async () => {
    const name = `model-${randomUUID()}`;
    const version = await nexus.uploads.model({ name, modelData: { weights: 'x'.repeat(17 * mebibyte) }, retry });
    expect(version).toMatchObject({ version: 1, contentType: 'application/json' });
    expect(version.sizeBytes).toBeGreaterThan(17 * mebibyte);
  });

  test('is a model’s file, whose second version is its second upload', async () => {
    const name = `model-${randomUUID()}`;
    const path = join(folder, `${randomUUID()}.safetensors`);
    await writeFile(path, 'not that many weights');
    const first = await nexus.uploads.model({ name, source: new Blob([large]), fileName: 'a.bin', metadata: { a: 1 } });
    expect(first).toMatchObject({ version: 1, sizeBytes: large.length, metadata: { a: 1 } });
    expect(first.path).toBe(`models/${name}-${partsSha256Of(large).slice(0, 12)}.bin`);
    const second = await nexus.uploads.model({ name, source: new Blob(['other']), contentType: 'application/x-pt' });
    expect(second).toMatchObject({ version: 2, contentType: 'application/x-pt' });
  });

  test('is a checkpoint of a topology, as a document or as a file', async () => {
    const { id: topologyId } = await aTopology();
    const checkpointData = { epoch: 10, loss: 0.123 };
    const document = await nexus.uploads.checkpoint({ name: 'epoch-10', topologyId, step: 10, checkpointData });
    expect(document).toMatchObject({ step: 10, path: `checkpoints/topology-${topologyId}/epoch-10.json` });
    const file = await nexus.uploads.checkpoint({ name: 'epoch-11', topologyId, source: largePath });
    expect(file).toMatchObject({ sizeBytes: large.length, path: `checkpoints/topology-${topologyId}/epoch-11.bin` });
  });

  test('is a dataset of many files, answered in their order', async () => {
    const name = `set-${randomUUID()}`;
    const files = [
      { name: 'chunk_001.jsonl', data: '{"a":1}\n{"a":2}\n' },
      { name: 'metadata.json', data: { rows: 2 } },
      { name: 'train/large.bin', source: largePath },
      ...Array.from({ length: 20 }, (_, index) => ({ name: `chunk_${index + 100}.json`, data: { index } })),
    ];
    const seen = new Set<string>();
    const objects = await nexus.uploads.dataset({ name, files, onProgress: ({ file }) => seen.add(file) });
    expect(objects.map((object) => object.key)).toEqual(files.map((file) => `datasets/${name}/${file.name}`));
    expect(objects.slice(0, 3).map((object) => object.contentType)).toEqual([
      'application/x-ndjson',
      'application/json',
      'application/octet-stream',
    ]);
    expect(seen.size).toBe(files.length);
    const [first, second] = objects;
    expect(new TextDecoder().decode(await nexus.downloads.bytes(first?.id ?? ''))).toBe('{"a":1}\n{"a":2}\n');
    expect(new TextDecoder().decode(await nexus.downloads.bytes(second?.id ?? ''))).toBe('{"rows":2}');
  });

  test('is a log and an artifact, as text or as a file', async () => {
    const name = randomUUID();
    expect((await nexus.uploads.log({ name, data: 'it ran', date: '2024-01-15' })).key).toBe(
      `logs/2024-01-15/${name}.log`,
    );
    expect((await nexus.uploads.log({ name: `${name}.txt`, source: small, date: '2024-01-15' })).key).toBe(
      `logs/2024-01-15/${name}.txt`,
    );
    expect((await nexus.uploads.artifact({ name: `${name}.json`, data: { a: 1 } })).key).toBe(`artifacts/${name}.json`);
    expect(await nexus.uploads.artifact({ name, source: largePath, metadata: { b: 2 } })).toMatchObject({
      key: `artifacts/${name}`,
      metadata: { b: 2 },
    });
  });
});
