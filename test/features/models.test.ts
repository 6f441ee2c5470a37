import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NexusError } from '../../server/errors.ts';
import { UploadArtifactInput } from '../../server/features/artifacts/contract.ts';
import { uploadArtifact } from '../../server/features/artifacts/upload-artifact.ts';
import {
  DownloadedModel,
  ModelPage,
  ModelWithVersions,
  UploadModelInput,
} from '../../server/features/models/contract.ts';
import { downloadModel } from '../../server/features/models/download-model.ts';
import { getModel } from '../../server/features/models/get-model.ts';
import { listModels } from '../../server/features/models/list-models.ts';
import { uploadModel } from '../../server/features/models/upload-model.ts';
import { PresignObjectInput } from '../../server/features/objects/contract.ts';
import { deleteObject } from '../../server/features/objects/delete-object.ts';
import { storeSmallObject } from '../../server/features/objects/index.ts';
import { presignObject } from '../../server/features/objects/presign-object.ts';
import { aTopology, type ObjectDomain, openObjectDomain, withObjects } from '../support/object-domain.ts';

let domain: ObjectDomain;
beforeAll(async () => {
  domain = await openObjectDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

type Changes = Partial<typeof UploadModelInput._zod.input>;
const upload = (name: string, changes: Changes, { stores, actor } = domain) =>
  uploadModel(stores, actor, UploadModelInput.parse({ name, ...changes }));
const download = async (name: string, version?: number) =>
  DownloadedModel.parse(await downloadModel(domain.stores, domain.actor, { name, version, expirySeconds: 60 }));
const aName = () => `model-${randomUUID()}`;
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });

test('versions of a model count up, and each JSON document reads back as it was', async () => {
  const name = aName();
  const documents = [{ weights: [0.5, -1e-7, 0], nested: { a_b: null, ä: '模' } }, [1, 2, 3], 'text', false];
  for (const [index, modelData] of documents.entries()) {
    const version = await upload(name, { modelData, metadata: { accuracy: 0.9 + index / 100 } });
    expect(version).toMatchObject({ name, version: index + 1, path: `models/${name}-v${index + 1}.json` });
    expect(version).toMatchObject({ bucket: 'topology-models', contentType: 'application/json' });
  }
  for (const [index, modelData] of documents.entries()) {
    const found = await download(name, index + 1);
    expect(found.modelData).toEqual(modelData);
    expect(found.metadata).toEqual({ accuracy: 0.9 + index / 100 });
    expect(await (await fetch(found.url)).json()).toEqual(modelData);
  }
  expect((await download(name)).version).toBe(4);
});

test('versions that are uploaded at once get different numbers', async () => {
  const name = aName();
  const versions = await Promise.all([1, 2, 3, 4, 5].map((n) => upload(name, { modelData: { n } })));
  expect(versions.map((version) => version.version).sort()).toEqual([1, 2, 3, 4, 5]);
});

test('the same call again, also at the same moment, answers the version that the first made', async () => {
  const { stores, actor, otherActor } = domain;
  const [name, requestId] = [aName(), randomUUID()];
  const given = { modelData: { a: 1 }, metadata: { accuracy: 0.9 }, requestId };
  const many = await Promise.all(Array.from({ length: 4 }, () => upload(name, given)));
  const again = await upload(name, given);
  expect(new Set([...many, again].map(({ version }) => version)).size).toBe(1);
  const file = { kind: 'model' as const, name: aName(), bytes: randomBytes(100), contentType: 'text/plain' };
  const { id: objectId } = await storeSmallObject(stores, actor, file);
  const ofObject = { objectId, requestId: randomUUID() };
  const first = await upload(name, ofObject);
  expect(await upload(name, ofObject)).toEqual(first);
  expect((await getModel(stores, actor, { id: name })).versions).toHaveLength(2);
  // It is a name among the workspace's own calls.
  expect(await upload(name, given, { ...domain, actor: otherActor })).toMatchObject({ name });
});

test('a requestId of another upload is a conflict that names it', async () => {
  const [name, requestId] = [aName(), randomUUID()];
  const { version } = await upload(name, { modelData: 1, requestId });
  for (const [otherName, modelData] of [
    [name, 2],
    [aName(), 1],
  ] as const) {
    await expect(upload(otherName, { modelData, requestId })).rejects.toMatchObject({
      reason: 'conflict',
      details: { field: 'requestId', version },
    });
  }
});

test('the bytes of a version are read by a URL for its bucket and path', async () => {
  const version = await upload(aName(), { modelData: { a: 1 } });
  const input = PresignObjectInput.parse({ bucket: version.bucket, key: version.path, expirySeconds: 3600 });
  expect(await (await fetch((await presignObject(domain.stores, domain.actor, input)).url)).json()).toEqual({ a: 1 });
});

test('an uploaded object becomes a version, and cannot be deleted while it is one', async () => {
  const { stores, actor } = domain;
  const bytes = randomBytes(5000);
  const file = {
    kind: 'model' as const,
    name: `${randomUUID()}.bin`,
    bytes,
    contentType: 'application/octet-stream',
  };
  const object = await storeSmallObject(stores, actor, file);
  const name = aName();
  expect(await upload(name, { objectId: object.id })).toMatchObject({ version: 1, path: object.key, sizeBytes: 5000 });
  const found = await download(name);
  expect(found.modelData).toBeNull();
  expect(Buffer.from(await (await fetch(found.url)).arrayBuffer())).toEqual(bytes);
  await refused(deleteObject(stores, actor, { id: object.id }), 'conflict');
});

test('an object that only claims to be JSON is answered without a document', async () => {
  const file = {
    kind: 'model' as const,
    name: `${randomUUID()}.json`,
    bytes: Buffer.from('{'),
    contentType: 'application/json',
  };
  const { id: objectId } = await storeSmallObject(domain.stores, domain.actor, file);
  const name = aName();
  await upload(name, { objectId });
  expect((await download(name)).modelData).toBeNull();
});

test('an object of another kind or of another workspace is refused', async () => {
  const { stores, actor, otherActor } = domain;
  const input = UploadArtifactInput.parse({ name: `${randomUUID()}.bin`, bytes: 'AAEC' });
  const artifact = await uploadArtifact(stores, actor, input);
  expect(artifact).toMatchObject({ sizeBytes: 3, contentType: 'application/octet-stream' });
  await refused(upload(aName(), { objectId: artifact.id }), 'invalid_input');
  const file = { kind: 'model' as const, name: 'theirs.bin', bytes: Buffer.from('x'), contentType: 'text/plain' };
  const theirs = await storeSmallObject(stores, otherActor, file);
  await refused(upload(aName(), { objectId: theirs.id }), 'not_found');
});

test('a version says which topology it came from, and an unknown one is refused before anything is stored', async () => {
  const { id: topologyId } = await aTopology(domain.stores, domain.actor);
  expect(await upload(aName(), { modelData: 1, topologyId: `topology-${topologyId}` })).toMatchObject({ topologyId });
  const theirs = await aTopology(domain.stores, domain.otherActor);
  await refused(upload(aName(), { modelData: 1, topologyId: theirs.id }), 'not_found');
  await refused(upload(aName(), { modelData: 1, moduleId: 999_999 }), 'not_found');
  await refused(upload(aName(), { modelData: 1, runId: 999_999 }), 'not_found');
});

test('a model whose only upload failed is not there, and its next upload works', async () => {
  const { stores, actor } = domain;
  const name = aName();
  const broken = withObjects(stores, { put: () => Promise.reject(new NexusError('unavailable', 'Broken.')) });
  await refused(upload(name, { modelData: name }, { ...domain, stores: broken }), 'unavailable');
  await refused(getModel(stores, actor, { id: name }), 'not_found');
  expect(await upload(name, { modelData: name })).toMatchObject({ version: 2 });
});

test('a model is got by its id or name with its versions, and listed, in its workspace only', async () => {
  const { stores, actor, otherActor } = domain;
  const name = aName();
  const { modelId } = await upload(name, { modelData: 1, description: 'first' });
  await upload(name, { modelData: 2 });
  const model = ModelWithVersions.parse(await getModel(stores, actor, { id: name }));
  expect(model).toMatchObject({ id: modelId, name, description: 'first', latestVersion: 2 });
  expect(model.versions.map((version) => version.version)).toEqual([2, 1]);
  expect(await getModel(stores, actor, { id: modelId })).toEqual(model);
  expect(await getModel(stores, actor, { id: String(modelId) })).toEqual(model);
  const page = ModelPage.parse(await listModels(stores, actor, { limit: 1, name: name.toUpperCase() }));
  expect(page.items).toMatchObject([{ id: modelId, latestVersion: 2 }]);
  const first = await listModels(stores, actor, { limit: 1 });
  const second = await listModels(stores, actor, { limit: 1, cursor: first.nextCursor ?? undefined });
  expect(second.items[0]?.id).toBeLessThan(first.items[0]?.id ?? 0);
  await refused(getModel(stores, otherActor, { id: name }), 'not_found');
  await refused(getModel(stores, otherActor, { id: modelId }), 'not_found');
  await refused(downloadModel(stores, otherActor, { name, expirySeconds: 60 }), 'not_found');
  expect((await listModels(stores, otherActor, { limit: 10, name })).items).toEqual([]);
  await refused(downloadModel(stores, actor, { name, version: 3, expirySeconds: 60 }), 'not_found');
});

test('a document above 16 MiB is refused', async () => {
  await refused(upload(aName(), { modelData: 'x'.repeat(16 * 1024 * 1024) }), 'too_large');
});

test.each([
  ['neither document nor object', {}],
  ['both', { modelData: 1, objectId: randomUUID() }],
  ['a name that leaves its folder', { name: '../x', modelData: 1 }],
  ['a number that JSON has not', { modelData: [Number.NaN] }],
])('an upload with %s is refused', (_what, input) => {
  expect(UploadModelInput.safeParse({ name: 'x', ...input }).success).toBe(false);
});
