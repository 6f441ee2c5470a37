import { randomBytes, randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { datasets, outbox, outboxPlaces, storedObjects } from '../../drizzle/schema/index.ts';
import { deleteDataset } from '../../server/features/datasets/delete-dataset.ts';
import { beginUpload } from '../../server/features/objects/begin-upload.ts';
import { completeUpload } from '../../server/features/objects/complete-upload.ts';
import { BeginUploadInput } from '../../server/features/objects/contract.ts';
import { storeSmallObject, sweepPendingObjects } from '../../server/features/objects/index.ts';
import { type ObjectDomain, openObjectDomain, put, sha256Of } from '../support/object-domain.ts';

let domain: ObjectDomain;
beforeAll(async () => {
  domain = await openObjectDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

const bucket = 'topology-datasets';

/** A dataset with files that are ready: their rows and their bytes. */
async function aDataset(fileNames: readonly string[]) {
  const { stores, actor, prefix } = domain;
  const name = `d-${randomUUID()}`;
  const [dataset] = await stores.db.insert(datasets).values({ workspaceId: actor.workspaceId, name }).returning();
  if (!dataset) throw new Error('The insert answered no row.');
  const keys = fileNames.map((file) => `datasets/${name}/${file}`);
  await stores.db.insert(storedObjects).values(
    keys.map((key) => ({
      workspaceId: actor.workspaceId,
      kind: 'dataset_file' as const,
      ...{ bucket, key, storedBucket: bucket, storedKey: key },
      sizeBytes: 3,
      sha256: sha256Of(Buffer.from(key)),
      contentType: 'text/plain',
      status: 'ready' as const,
      completedAt: new Date(),
    })),
  );
  const left = [...keys];
  const next = async () => {
    for (let key = left.pop(); key; key = left.pop())
      await stores.objects.put(bucket, prefix + key, Buffer.from('old'), 'text/plain');
  };
  await Promise.all([next(), next(), next(), next()]);
  return { id: dataset.id, name, places: keys.map((key) => prefix + key) };
}

const effects = () => domain.stores.db.select().from(outbox).where(eq(outbox.workspaceId, domain.actor.workspaceId));
const listed = (name: string) => domain.stores.objects.listKeys(bucket, `${domain.prefix}datasets/${name}/`, '');

/** Replaces how objects are removed for the time of a test. */
async function whileRemoving(remove: typeof domain.stores.objects.remove, work: () => Promise<void>): Promise<void> {
  const { objects } = domain.stores;
  const real = objects.remove;
  objects.remove = remove;
  try {
    await work();
  } finally {
    objects.remove = real;
    await domain.stores.db
      .update(outbox)
      .set({ availableAt: new Date(0) })
      .where(eq(outbox.workspaceId, domain.actor.workspaceId));
    await domain.drained();
  }
}

test('a dataset’s files go by an effect and a request for each thousand, and nothing of them is left', async () => {
  const dataset = await aDataset(Array.from({ length: 1_203 }, (_, n) => `${n}.txt`));
  const real = domain.stores.objects.remove;
  const requests: number[] = [];
  const released = Promise.withResolvers<void>();
  const counted = async (...[at, keys]: Parameters<typeof real>) => {
    await released.promise;
    const failures = await real(at, keys);
    requests.push(keys.length);
    return failures;
  };
  await whileRemoving(counted, async () => {
    const told = await deleteDataset(domain.stores, domain.actor, { id: dataset.id, dryRun: true });
    expect(await effects()).toEqual([]);
    const done = await deleteDataset(domain.stores, domain.actor, { id: dataset.id });
    expect(done).toEqual({ ...told, dryRun: false });
    expect(done).toMatchObject({ objectCount: 1_203, objectBytes: 3_609 });
    expect(await effects()).toHaveLength(2);
    released.resolve();
    await domain.drained();
  });
  expect(requests.sort((a, b) => a - b)).toEqual([203, 1_000]);
  expect(await listed(dataset.name)).toEqual([]);
  const prefix = `${bucket}/${domain.prefix}datasets/${dataset.name}/`;
  expect(await domain.stores.db.$count(outboxPlaces, sql`starts_with(place, ${prefix})`)).toBe(0);
});

test('uploads of keys whose removal waits among others keep their bytes, which come after it', async () => {
  const dataset = await aDataset(['a.bin', 'b.bin', 'c.bin']);
  const { stores, actor } = domain;
  const real = stores.objects.remove;
  const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writes: string[] = [];
  const held: typeof real = async (...given) => {
    asked.resolve();
    await released.promise;
    writes.push('removed');
    return real(...given);
  };
  await whileRemoving(held, async () => {
    await deleteDataset(stores, actor, { id: dataset.id });
    await asked.promise;
    const [one, two] = [randomBytes(10), new Uint8Array(randomBytes(20))];
    const named = { kind: 'dataset_file' as const, datasetName: dataset.name };
    const small = storeSmallObject(stores, actor, { ...named, name: 'a.bin', bytes: one, contentType: 'text/plain' });
    const declared = { ...named, name: 'b.bin', sizeBytes: two.length, sha256: sha256Of(two) };
    const { object, upload } = await beginUpload(stores, actor, BeginUploadInput.parse(declared));
    if (upload?.method !== 'put') throw new Error('It is sent by one PUT.');
    expect((await put(upload.url, two, upload.headers)).status).toBe(200);
    const completed = completeUpload(stores, actor, { id: object.id });
    const other = storeSmallObject(stores, actor, {
      ...{ ...named, name: 'free.bin', contentType: 'text/plain' },
      bytes: Buffer.from(randomUUID()),
    });
    // An object that is not among the keys waits for nothing.
    expect((await other).status).toBe('ready');
    for (const done of [small, completed]) done.then(() => writes.push('written')).catch(() => undefined);
    expect(writes).toEqual([]);
    released.resolve();
    const ready = await Promise.all([small, completed]);
    expect(ready.map(({ status }) => status)).toEqual(['ready', 'ready']);
    expect(writes[0]).toBe('removed');
    await domain.drained();
  });
  const sizes = dataset.places.map(async (place) => (await stores.objects.find(bucket, place))?.sizeBytes);
  expect(await Promise.all(sizes)).toEqual([10, 20, undefined]);
});

test('an object that the store does not remove is tried again alone, and the others’ keys are free', async () => {
  const dataset = await aDataset(['a.bin', 'b.bin', 'c.bin']);
  const [, stuck = ''] = dataset.places;
  const { stores, actor } = domain;
  const real = stores.objects.remove;
  const refusing: typeof real = async (at, keys) => {
    await real(
      at,
      keys.filter((key) => key !== stuck),
    );
    return keys.includes(stuck) ? [{ key: stuck, code: 'AccessDenied' }] : [];
  };
  await whileRemoving(refusing, async () => {
    await deleteDataset(stores, actor, { id: dataset.id });
    await expect
      .poll(async () => (await effects()).map(({ payload, lastError }) => ({ payload, lastError })), { interval: 5 })
      .toEqual([
        {
          payload: { bucket, keys: [stuck] },
          lastError: `The object store could not remove 1 of 3 objects of ${bucket}; ${stuck}: AccessDenied.`,
        },
      ]);
    const named = { kind: 'dataset_file' as const, datasetName: dataset.name, contentType: 'text/plain' };
    const free = await storeSmallObject(stores, actor, { ...named, name: 'a.bin', bytes: Buffer.from(randomUUID()) });
    expect(free.status).toBe('ready');
  });
  expect(await listed(dataset.name)).toEqual(dataset.places.slice(0, 1));
});

test('uploads that were given up go together, those in parts each after its parts', async () => {
  const { stores, actor } = domain;
  const folder = randomUUID();
  const begun = [];
  for (const sizeBytes of [5, 6, 7, 20 * 1024 * 1024]) {
    const declared = { kind: 'artifact', name: `${folder}/${sizeBytes}`, sizeBytes, sha256: sha256Of(randomBytes(8)) };
    begun.push(await beginUpload(stores, actor, BeginUploadInput.parse(declared)));
  }
  const held = Promise.withResolvers<void>();
  const real = stores.objects.remove;
  const sent = begun.slice(0, 3).map(async ({ object, upload }) => {
    if (upload?.method !== 'put') throw new Error('It is sent by one PUT.');
    await stores.objects.put(object.bucket, `uploads/${object.id}`, Buffer.alloc(object.sizeBytes), 'text/plain');
  });
  await Promise.all(sent);
  await whileRemoving(
    async (...given) => {
      await held.promise;
      return real(...given);
    },
    async () => {
      await domain.pendingAreOver();
      expect(await sweepPendingObjects(stores, new Date())).toBeGreaterThanOrEqual(4);
      const kinds = (await effects()).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'objects.remove.v1')).toHaveLength(2);
      held.resolve();
      await domain.drained();
    },
  );
  for (const { object } of begun) {
    expect(await stores.objects.find(object.bucket, `uploads/${object.id}`)).toBeUndefined();
    expect(await stores.objects.listUploads(object.bucket, domain.prefix + object.key)).toEqual([]);
  }
});
