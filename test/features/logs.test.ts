import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ListArtifactsInput, UploadArtifactInput } from '../../server/features/artifacts/contract.ts';
import { listArtifacts } from '../../server/features/artifacts/list-artifacts.ts';
import { uploadArtifact } from '../../server/features/artifacts/upload-artifact.ts';
import { ListLogsInput, UploadLogInput } from '../../server/features/logs/contract.ts';
import { listLogs } from '../../server/features/logs/list-logs.ts';
import { uploadLog } from '../../server/features/logs/upload-log.ts';
import type { StoredObject } from '../../server/features/objects/index.ts';
import { aMember } from '../support/members.ts';
import { bytesOf, type ObjectDomain, openObjectDomain } from '../support/object-domain.ts';

let domain: ObjectDomain;
beforeAll(async () => {
  domain = await openObjectDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

const log = (input: typeof UploadLogInput._zod.input) =>
  uploadLog(domain.stores, domain.actor, UploadLogInput.parse(input));
const artifact = (input: typeof UploadArtifactInput._zod.input) =>
  uploadArtifact(domain.stores, domain.actor, UploadArtifactInput.parse(input));
const textOf = async ({ id }: StoredObject) => (await bytesOf(domain, id)).toString();

test('a text log lies under its day as text, a JSON log as JSON', async () => {
  const name = randomUUID();
  const text = await log({ name, data: 'epoch 1\n', date: '2024-01-15' });
  expect(text).toMatchObject({ key: `logs/2024-01-15/${name}.log`, bucket: 'topology-logs', status: 'ready' });
  expect(text.contentType).toMatch(/^text\/plain/);
  expect(await textOf(text)).toBe('epoch 1\n');
  const json = await log({ name: `${name}.json`, data: { ms: [1, 2] }, date: '2024-01-15' });
  expect(json).toMatchObject({ key: `logs/2024-01-15/${name}.json`, contentType: 'application/json' });
  expect(JSON.parse(await textOf(json))).toEqual({ ms: [1, 2] });
});

test('a log without a date lies under today in UTC', async () => {
  const before = new Date().toISOString().slice(0, 10);
  const { key } = await log({ name: 'app-performance', data: [] });
  const after = new Date().toISOString().slice(0, 10);
  expect([before, after]).toContain(key.split('/')[1]);
});

test('logs of one name and day are numbered and never replaced', async () => {
  const name = `session-${randomUUID()}`;
  const date = '2024-01-16';
  const keys: string[] = [];
  for (const data of ['one', 'one', 'three']) keys.push((await log({ name, data, date })).key);
  expect(keys).toEqual([`${name}.log`, `${name}-2.log`, `${name}-3.log`].map((file) => `logs/${date}/${file}`));
  expect((await log({ name, data: 'other day', date: '2024-01-17' })).key).toBe(`logs/2024-01-17/${name}.log`);
  expect((await log({ name: `${name}.txt`, data: 'other file', date })).key).toBe(`logs/${date}/${name}.txt`);
});

test('logs of one name at one moment get a number each', async () => {
  const name = randomUUID();
  const logs = await Promise.all([1, 2, 3].map((data) => log({ name, data, date: '2024-01-18' })));
  expect(new Set(logs.map((one) => one.key)).size).toBe(3);
});

test('a log that is uploaded again with its requestId, later or at once, is the one that is there', async () => {
  const given = { name: `${randomUUID()}.txt`, date: '2024-01-19', data: 'it ran', requestId: randomUUID() };
  const [one, ...others] = await Promise.all([1, 2, 3].map(() => log(given)));
  expect(others).toEqual([one, one]);
  expect(await log({ ...given, date: undefined })).toEqual(one);
  expect((await log({ ...given, requestId: randomUUID() })).id).not.toBe(one?.id);
  for (const changed of [{ data: 'other' }, { name: 'other' }, { date: '2024-01-20' }]) {
    await expect(log({ ...given, ...changed })).rejects.toMatchObject({ reason: 'conflict' });
  }
  await domain.drained();
  const prefix = `${domain.prefix}logs/2024-01-19/${given.name.slice(0, -4)}`;
  expect(await domain.stores.objects.listKeys('topology-logs', prefix, '')).toHaveLength(1);
  const theirs = uploadLog(domain.stores, await aMember(domain.stores), UploadLogInput.parse(given));
  expect((await theirs).id).not.toBe(one?.id);
});

test('logs are listed by day, newest first, in their workspace only', async () => {
  const date = '2024-02-29';
  const made = [await log({ name: randomUUID(), data: 'a', date }), await log({ name: randomUUID(), data: 'b', date })];
  await log({ name: randomUUID(), data: 'c', date: '2024-03-01' });
  const page = await listLogs(domain.stores, domain.actor, ListLogsInput.parse({ date }));
  expect(page.items.map((item) => item.id).sort()).toEqual(made.map((one) => one.id).sort());
  expect((await listLogs(domain.stores, domain.otherActor, ListLogsInput.parse({}))).items).toEqual([]);
});

test.each(['../x', 'a/../../b', '/x', ''])('a log named %j is refused', (name) => {
  expect(UploadLogInput.safeParse({ name, data: 'x' }).success).toBe(false);
});

test.each(['2024-02-30', '15.01.2024', '2024-1-5', '../..'])('a log of the day %j is refused', (date) => {
  expect(UploadLogInput.safeParse({ name: 'x', data: 'x', date }).success).toBe(false);
});

test('an artifact of bytes, text or JSON reads back, and the same again is the same object', async () => {
  const folder = randomUUID();
  const bytes = Buffer.from([0, 255, 1, 254]);
  const binary = await artifact({ name: `${folder}/x.bin`, bytes: bytes.toString('base64') });
  expect(await bytesOf(domain, binary.id)).toEqual(bytes);
  const text = await artifact({ name: `${folder}/x.csv`, data: 'a,b\n', contentType: 'text/csv' });
  expect(text).toMatchObject({ contentType: 'text/csv', key: `artifacts/${folder}/x.csv` });
  const json = await artifact({ name: `${folder}/x.json`, data: { a: 1 }, metadata: { run: 7 } });
  expect(json).toMatchObject({ contentType: 'application/json', metadata: { run: 7 } });
  expect(await artifact({ name: `${folder}/x.json`, data: { a: 1 } })).toEqual(json);
  await expect(artifact({ name: `${folder}/x.json`, data: { a: 2 } })).rejects.toMatchObject({ reason: 'conflict' });
  const input = ListArtifactsInput.parse({ prefix: `${folder}/` });
  expect((await listArtifacts(domain.stores, domain.actor, input)).items).toHaveLength(3);
  expect((await listArtifacts(domain.stores, domain.otherActor, input)).items).toEqual([]);
});
