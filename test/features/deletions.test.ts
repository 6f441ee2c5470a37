import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';

let server: Nexus;
let nexus: ReturnType<Nexus['as']>;
beforeAll(async () => {
  server = await startNexus();
  nexus = server.as(server.token);
});
afterAll(async () => server[Symbol.asyncDispose]());

const aName = () => `m-${randomUUID()}`;
const bytes = () => randomBytes(300).toString('base64');
const rowsOf = (deletion: { rows: { table: string; rowCount: number }[] }) =>
  Object.fromEntries(deletion.rows.map(({ table, rowCount }) => [table, rowCount]));
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ data: { reason } });

describe('a dry run', () => {
  test('of a topology tells the rows, objects, bytes and documents that go, and nothing goes', async () => {
    const { id } = await nexus.topologies.create.mutate({ name: 't', architecture: 'transformer' });
    await nexus.modules.create.mutate({ topologyId: id, name: 'a' });
    const made = [];
    for (const name of ['one', 'two', 'three']) {
      made.push(
        await nexus.checkpoints.upload.mutate({ topologyId: id, name, checkpointData: { state: randomUUID() } }),
      );
    }
    await nexus.context.add.mutate({ type: 'note', data: 'one', topologyId: id });
    await nexus.context.add.mutate({ type: 'note', data: 'two', topologyId: id });
    const sizeBytes = made.reduce((sum, checkpoint) => sum + checkpoint.sizeBytes, 0);

    const told = await nexus.topologies.delete.mutate({ id, dryRun: true });
    expect(told).toMatchObject({ id, dryRun: true, objectCount: 3, objectBytes: sizeBytes, documentCount: 2 });
    expect(rowsOf(told)).toMatchObject({ topologies: 1, qlora_modules: 1, checkpoints: 3, stored_objects: 3 });
    expect((await nexus.checkpoints.list.query({ topologyId: id })).items).toHaveLength(3);
    expect(await nexus.topologies.get.query({ id })).toMatchObject({ id });

    const done = await nexus.topologies.delete.mutate({ id });
    expect(done).toEqual({ ...told, dryRun: false, documentCount: null });
    await refused(nexus.topologies.get.query({ id }), 'not_found');
    await refused(nexus.checkpoints.get.query({ id: made[0]?.id ?? 0 }), 'not_found');
  });

  test('of an object that another one shares tells that no byte goes', async () => {
    const data = bytes();
    const first = await nexus.artifacts.upload.mutate({ name: aName(), bytes: data });
    const second = await nexus.artifacts.upload.mutate({ name: aName(), bytes: data });
    const told = await nexus.objects.delete.mutate({ id: first.id, dryRun: true });
    expect(told).toMatchObject({ objectCount: 0, objectBytes: 0 });
    expect(rowsOf(told)).toEqual({ stored_objects: 1 });
    await nexus.objects.delete.mutate({ id: first.id });
    expect(await nexus.objects.delete.mutate({ id: second.id })).toMatchObject({ objectCount: 1, objectBytes: 300 });
  });

  test('is refused where the deletion would be', async () => {
    const { objectId } = await nexus.models.upload.mutate({ name: aName(), modelData: randomUUID() });
    await refused(nexus.objects.delete.mutate({ id: objectId, dryRun: true }), 'conflict');
    await refused(nexus.models.delete.mutate({ id: 999_999, dryRun: true }), 'not_found');
  });

  test('by REST is a DELETE with dry_run', async () => {
    const object = await nexus.artifacts.upload.mutate({ name: aName(), bytes: bytes() });
    const response = await server.rest('DELETE', `/api/objects/${object.id}?dry_run=true`);
    expect(await response.json()).toMatchObject({ dry_run: true, object_count: 1, object_bytes: 300 });
    expect((await server.rest('GET', `/api/objects/${object.id}`)).status).toBe(200);
  });

  test('of a dataset tells its files', async () => {
    const name = aName();
    const files = [{ name: 'a.jsonl', data: randomUUID() }];
    const response = await server.rest('POST', '/api/datasets/upload', { name, files });
    expect(response.status).toBe(201);
    const { items } = await nexus.datasets.list.query({ name });
    const told = await nexus.datasets.delete.mutate({ id: items[0]?.id ?? 0, dryRun: true });
    expect(told).toMatchObject({ objectCount: 1, dryRun: true });
    expect(rowsOf(told)).toMatchObject({ datasets: 1, stored_objects: 1 });
  });
});

describe('a model', () => {
  test('has aliases, which move, name a version in a download, and go with it', async () => {
    const name = aName();
    const one = await nexus.models.upload.mutate({ name, modelData: { v: randomUUID() }, metadata: { accuracy: 0.9 } });
    await nexus.models.upload.mutate({ name, modelData: { v: randomUUID() } });
    await nexus.models.setAlias.mutate({ id: name, alias: 'champion', version: 2 });
    const model = await nexus.models.setAlias.mutate({ id: one.modelId, alias: 'champion', version: 1 });
    expect(model.aliases).toEqual([{ alias: 'champion', version: 1 }]);
    await nexus.models.setAlias.mutate({ id: name, alias: 'canary', version: 2 });
    expect(await nexus.models.download.query({ name, alias: 'champion' })).toMatchObject({
      version: 1,
      metadata: { accuracy: 0.9 },
    });
    expect(await nexus.models.download.query({ name })).toMatchObject({ version: 2 });
    const { items } = await nexus.models.list.query({ name });
    expect(items[0]?.aliases).toEqual([
      { alias: 'canary', version: 2 },
      { alias: 'champion', version: 1 },
    ]);
    await nexus.models.removeAlias.mutate({ id: name, alias: 'canary' });
    await refused(nexus.models.removeAlias.mutate({ id: name, alias: 'canary' }), 'not_found');
    await refused(nexus.models.download.query({ name, alias: 'canary' }), 'not_found');
    await refused(nexus.models.setAlias.mutate({ id: name, alias: 'canary', version: 3 }), 'not_found');
    await refused(nexus.models.setAlias.mutate({ id: name, alias: 'No Alias', version: 1 }), 'invalid_input');

    const gone = await nexus.models.deleteVersion.mutate({ id: name, version: 1 });
    expect(rowsOf(gone)).toEqual({ model_aliases: 1, model_versions: 1, stored_objects: 1 });
    expect(await nexus.models.get.query({ id: name })).toMatchObject({ aliases: [], versions: [{ version: 2 }] });
    expect(await nexus.models.upload.mutate({ name, modelData: 3 })).toMatchObject({ version: 3 });
  });

  test('that is deleted takes its versions and their bytes, but not what another model has', async () => {
    const [name, other] = [aName(), aName()];
    const shared = { weights: randomUUID() };
    await nexus.models.upload.mutate({ name, modelData: shared });
    await nexus.models.upload.mutate({ name, modelData: { own: randomUUID() } });
    await nexus.models.upload.mutate({ name: other, modelData: shared });
    const told = await nexus.models.delete.mutate({ id: name, dryRun: true });
    expect(rowsOf(told)).toEqual({ models: 1, model_versions: 2, stored_objects: 2 });
    expect(told.objectCount).toBe(1);
    expect(await nexus.models.delete.mutate({ id: name })).toEqual({ ...told, dryRun: false });
    await refused(nexus.models.get.query({ id: name }), 'not_found');
    const kept = await nexus.models.download.query({ name: other });
    expect(kept.modelData).toEqual(shared);
    expect(await (await fetch(kept.url)).json()).toEqual(shared);
  });
});

test('a download has the file name, in any language, the type and the time that were asked for', async () => {
  const object = await nexus.artifacts.upload.mutate({ name: aName(), data: 'a,b', contentType: 'text/csv' });
  const { url, expiresAt } = await nexus.objects.presign.mutate({
    id: object.id,
    expirySeconds: 60,
    fileName: '模型 "größe"\n.csv',
  });
  expect(expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
  const response = await fetch(url);
  const disposition = response.headers.get('content-disposition') ?? '';
  expect(disposition).toMatch(/^attachment; filename="[\w.-]+"; filename\*=UTF-8''/);
  expect(decodeURIComponent(disposition.split("UTF-8''")[1] ?? '')).toBe('模型 "größe"\n.csv');
  expect(response.headers.get('content-type')).toBe('text/csv');
  const part = await nexus.objects.presign.mutate({ id: object.id, expirySeconds: 604_800 });
  const ranged = await fetch(part.url, { headers: { range: 'bytes=0-0' } });
  expect([ranged.status, await ranged.text()]).toEqual([206, 'a']);
  for (const expirySeconds of [0, 604_801, -1]) {
    await refused(nexus.objects.presign.mutate({ id: object.id, expirySeconds }), 'invalid_input');
  }
});
