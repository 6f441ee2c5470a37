import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { beginUpload } from '../../server/features/objects/begin-upload.ts';
import { BeginUploadInput } from '../../server/features/objects/contract.ts';
import { buckets, storeSmallObject, sweepStaging } from '../../server/features/objects/index.ts';
import { verifyObjects } from '../../server/features/system/verify-objects.ts';
import type { Place } from '../../server/stores/installation.ts';
import { openObjects } from '../../server/stores/objects.ts';
import type { ObjectsAddress } from '../../server/stores/s3-client.ts';
import { addressOf, openObjectDomain, put, sha256Of } from '../support/object-domain.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let opened: AsyncDisposableStack;
let address: ObjectsAddress;
let bucket: string;
beforeAll(async () => {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  address = await addressOf(stack, join(directory.path, 's3'));
  opened = stack.move();
});
afterAll(async () => opened.disposeAsync());
beforeEach(() => {
  bucket = `shared-${randomUUID()}`;
});

/** The place that a database would remember. */
function anInstallation(folder?: string) {
  const id = randomUUID();
  const warnings: string[] = [];
  const place: Place = {
    id,
    prefix: folder,
    async settle(chosen) {
      place.prefix ??= chosen;
      return place.prefix;
    },
    warnOfOthers: (ids) => warnings.push(...ids),
  };
  return { id, place, warnings };
}
async function started(one: ReturnType<typeof anInstallation>, names = [bucket]) {
  const store = openObjects(address, one.place);
  await store.prepare(names);
  return store;
}
const read = async (store: ReturnType<typeof openObjects>, key: string) => text(await store.read(bucket, key));

test('the first installation has the root of the buckets, the next a folder of its own, and neither sees the other', async () => {
  const [first, second] = [anInstallation(), anInstallation()];
  const [one, two] = [await started(first), await started(second)];
  expect([first.place.prefix, second.place.prefix]).toEqual(['', `~${second.id}/`]);
  for (const [store, bytes] of [
    [one, 'of the first'],
    [two, 'of the second'],
  ] as const) {
    await store.put(bucket, 'models/a.json', Buffer.from(bytes), 'application/json');
    await store.put(bucket, 'uploads/b', Buffer.from(bytes), 'text/plain');
  }
  expect([await read(one, 'models/a.json'), await read(two, 'models/a.json')]).toEqual([
    'of the first',
    'of the second',
  ]);
  for (const store of [one, two]) {
    expect((await store.listSizes(bucket, '')).map(({ key }) => key)).toEqual(['models/a.json', 'uploads/b']);
    expect((await store.listSizes(bucket, 'models/a.json')).map(({ key }) => key)).toEqual(['uploads/b']);
    expect(await store.listSizes(bucket, 'uploads/b')).toEqual([]);
    expect(await store.listKeys(bucket, 'uploads/', '')).toEqual(['uploads/b']);
  }
  await one.remove(bucket, ['models/a.json']);
  expect(await one.find(bucket, 'models/a.json')).toBeUndefined();
  expect(await read(two, 'models/a.json')).toBe('of the second');
  expect(second.warnings).toEqual([]);
});

test('URLs and uploads in parts are those of the installation’s own folder', async () => {
  await started(anInstallation());
  const second = anInstallation();
  const store = await started(second);
  const body = new Uint8Array(Buffer.from('by URL'));
  const { url, headers } = await store.presignPut(bucket, 'a', 60);
  expect((await put(url, body, headers)).status).toBe(200);
  expect(await (await fetch(await store.presignGet(bucket, 'a', 60))).text()).toBe('by URL');
  await store.copy(bucket, 'a', 'b', 'text/plain');
  const uploadId = await store.beginMultipart(bucket, 'c', 'text/plain');
  const part = await store.presignPart(bucket, 'c', { uploadId, partNumber: 1 }, 60);
  expect((await put(part.url, body, part.headers)).status).toBe(200);
  expect(await store.listUploads(bucket, 'c')).toEqual([uploadId]);
  await store.completeMultipart(bucket, 'c', uploadId, await store.listParts(bucket, 'c', uploadId));
  for (const key of ['a', 'b', 'c']) {
    expect((await openObjects(address).find(bucket, `~${second.id}/${key}`))?.sizeBytes).toBe(6);
  }
  expect(store.maxKeyBytes).toBe(1024 - 38);
});

test('of installations that come at the same moment at most one has the root, and each keeps its folder', async () => {
  const many = Array.from({ length: 5 }, () => anInstallation());
  await Promise.all(many.map((one) => started(one)));
  const folders = many.map(({ place }) => place.prefix);
  expect(new Set(folders).size).toBe(many.length);
  await Promise.all(many.map((one) => started(one)));
  expect(many.map(({ place }) => place.prefix)).toEqual(folders);
});

test('who finds objects there takes a folder, and who has the root already keeps it', async () => {
  const old = openObjects(address);
  await old.prepare([bucket]);
  await old.put(bucket, 'models/old.json', Buffer.from('{}'), 'application/json');
  const [upgraded, fresh] = [anInstallation(''), anInstallation()];
  await started(fresh);
  expect(await (await started(upgraded)).find(bucket, 'models/old.json')).toBeDefined();
  expect([upgraded.place.prefix, fresh.place.prefix]).toEqual(['', `~${fresh.id}/`]);
  expect(upgraded.warnings).toEqual([]);
});

test('two that have the root since before are told of each other', async () => {
  const [one, two] = [anInstallation(''), anInstallation('')];
  await started(one);
  await started(two);
  expect(two.warnings).toEqual([one.id]);
});

test('an installation that has not reached its store says so, for it does not know its keys', async () => {
  const store = openObjects(address, anInstallation().place);
  await expect(store.find(bucket, 'a')).rejects.toMatchObject({ reason: 'unavailable' });
});

test('what one installation has under way survives the sweep and the verification of another', async () => {
  await using one = await openObjectDomain({ address, place: anInstallation().place });
  await using other = await openObjectDomain({ address, place: anInstallation().place });
  const name = `${randomUUID()}.json`;
  const bytes = new Uint8Array(Buffer.from(randomUUID()));
  const input = { kind: 'artifact', name, sizeBytes: bytes.length, sha256: sha256Of(bytes) };
  const begun = await beginUpload(one.stores, one.actor, BeginUploadInput.parse(input));
  if (begun.upload?.method !== 'put') throw new Error('It goes in one PUT.');
  expect((await put(begun.upload.url, bytes, begun.upload.headers)).status).toBe(200);
  for (const { stores, actor } of [one, other]) {
    const small = { kind: 'artifact' as const, name: 'same.json', bytes: Buffer.from('{}'), contentType: 'text/plain' };
    await storeSmallObject(stores, actor, small);
  }
  expect(await sweepStaging(other.stores)).toBe(0);
  const suspects: string[] = [];
  expect((await verifyObjects(other.stores, ({ finding }) => suspects.push(finding.key))).objects).toBe(1);
  expect(suspects).toEqual([]);
  const staged = await Promise.all(buckets.map((b) => one.stores.objects.find(b, `uploads/${begun.object.id}`)));
  expect(staged.filter(Boolean)).toHaveLength(1);
});
