import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NexusError } from '../../server/errors.ts';
import { abortUpload } from '../../server/features/objects/abort-upload.ts';
import { beginUpload } from '../../server/features/objects/begin-upload.ts';
import { completeUpload } from '../../server/features/objects/complete-upload.ts';
import { BeginUploadInput, type BegunUpload, PresignObjectInput } from '../../server/features/objects/contract.ts';
import { deleteObject } from '../../server/features/objects/delete-object.ts';
import { getObject } from '../../server/features/objects/get-object.ts';
import {
  storeSmallObject,
  storeSmallObjectWith,
  sweepPendingObjects,
  sweepStaging,
} from '../../server/features/objects/index.ts';
import { partSizeOf } from '../../server/features/objects/layout.ts';
import { listObjects } from '../../server/features/objects/list-objects.ts';
import { listParts } from '../../server/features/objects/list-parts.ts';
import { presignObject } from '../../server/features/objects/presign-object.ts';
import {
  aTopology,
  type ObjectDomain,
  openObjectDomain,
  put,
  sha256Of,
  withObjects,
} from '../support/object-domain.ts';

const mebibyte = 1024 * 1024;
let domain: ObjectDomain;
beforeAll(async () => {
  domain = await openObjectDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

// Other bytes in every test: the same ones would be there already.
let small: Uint8Array<ArrayBuffer>;
let large: Uint8Array<ArrayBuffer>;
const many = randomBytes(20 * mebibyte);
beforeEach(() => {
  small = new Uint8Array(randomBytes(1000));
  large = new Uint8Array(many);
  large.set(small);
});

type Changes = Partial<typeof BeginUploadInput._zod.input>;
const begin = (bytes: Uint8Array, changes: Changes = {}, actor = domain.actor, stores = domain.stores) =>
  beginUpload(
    stores,
    actor,
    BeginUploadInput.parse({
      kind: 'artifact',
      name: `${randomUUID()}.bin`,
      sizeBytes: bytes.length,
      sha256: sha256Of(bytes),
      ...changes,
    }),
  );
const partsOf = (bytes: Uint8Array) =>
  Array.from({ length: Math.ceil(bytes.length / (16 * mebibyte)) }, (_, part) =>
    bytes.slice(part * 16 * mebibyte, (part + 1) * 16 * mebibyte),
  );
const byParts = (bytes: Uint8Array): Changes => ({ sha256: undefined, partSha256s: partsOf(bytes).map(sha256Of) });
const partsSha256Of = (bytes: Uint8Array) =>
  sha256Of(Buffer.concat(partsOf(bytes).map((part) => Buffer.from(sha256Of(part), 'hex'))));
const complete = (id: string, actor = domain.actor) => completeUpload(domain.stores, actor, { id });
const parts = (id: string, fromPartNumber = 1, limit = 100) =>
  listParts(domain.stores, domain.actor, { id, fromPartNumber, limit });
const physical = (key: string) => domain.prefix + key;
const stored = (begun: BegunUpload) => domain.stores.objects.find(begun.object.bucket, physical(begun.object.key));
const staged = (begun: BegunUpload) => domain.stores.objects.find(begun.object.bucket, `uploads/${begun.object.id}`);

async function send(begun: BegunUpload, bytes: Uint8Array<ArrayBuffer>, only?: number[]): Promise<void> {
  const { upload } = begun;
  if (upload?.method === 'put') {
    expect((await put(upload.url, bytes, upload.headers)).status).toBe(200);
  } else if (upload) {
    for (const { partNumber, url, headers } of upload.parts) {
      if (only && !only.includes(partNumber)) continue;
      const from = (partNumber - 1) * upload.partSizeBytes;
      expect((await put(url, bytes.slice(from, from + upload.partSizeBytes), headers)).status).toBe(200);
    }
  } else throw new Error('There is nothing to send.');
}

const uploaded = async (bytes: Uint8Array<ArrayBuffer>, changes: Changes = {}) => {
  const begun = await begin(bytes, changes);
  await send(begun, bytes);
  return complete(begun.object.id);
};

const refusal = async (work: Promise<unknown>): Promise<NexusError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof NexusError) return error;
  throw new Error(`It was not refused as it should: ${String(error)}`);
};

describe('an upload', () => {
  test('of a small object is ready after one PUT, and its bytes read back with their content type', async () => {
    const begun = await begin(small, { contentType: 'application/json', metadata: { a: [1] } });
    expect(begun.upload?.method).toBe('put');
    expect(begun.object).toMatchObject({ status: 'pending', completedAt: null });
    await send(begun, small);
    const object = await complete(begun.object.id);
    expect(object).toMatchObject({ status: 'ready', sizeBytes: 1000, sha256: sha256Of(small), metadata: { a: [1] } });
    const { url } = await presignObject(domain.stores, domain.actor, { id: object.id, expirySeconds: 60 });
    const response = await fetch(url);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(small);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  test('of 20 MiB goes in parts, and its bytes read back', async () => {
    const begun = await begin(large);
    expect(begun.upload).toMatchObject({ method: 'parts', partSizeBytes: 16 * mebibyte, partCount: 2 });
    await send(begun, large);
    expect(await complete(begun.object.id)).toMatchObject({ status: 'ready', sizeBytes: large.length });
    const { url } = await presignObject(domain.stores, domain.actor, { id: begun.object.id, expirySeconds: 60 });
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
    expect(sha256Of(bytes)).toBe(sha256Of(large));
  });

  test('of no bytes at all is ready', async () => {
    expect(await uploaded(new Uint8Array())).toMatchObject({ status: 'ready', sizeBytes: 0 });
  });

  test('keeps names with spaces, percent signs, quotes and letters of any language', async () => {
    const name = `${randomUUID()}/größe 100% + "ü"&<x>/模型#1?.bin`;
    const object = await uploaded(small, { name });
    const input = { bucket: object.bucket, key: `artifacts/${name}`, expirySeconds: 60, fileName: 'größe "1".bin' };
    const response = await fetch((await presignObject(domain.stores, domain.actor, input)).url);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(small);
    await deleteObject(domain.stores, domain.actor, { id: object.id });
    await domain.drained();
    expect(await domain.stores.objects.find(object.bucket, physical(object.key))).toBeUndefined();
  });

  test('leaves nothing staged once the outbox is drained', async () => {
    const begun = await begin(small);
    await send(begun, small);
    expect(await staged(begun)).toBeDefined();
    await complete(begun.object.id);
    await domain.drained();
    expect(await staged(begun)).toBeUndefined();
    expect(await stored(begun)).toBeDefined();
  });

  test('that is ready is not changed by a PUT to its URL, which is still valid', async () => {
    const begun = await begin(small);
    await send(begun, small);
    const object = await complete(begun.object.id);
    const { upload } = begun;
    if (upload?.method !== 'put') throw new Error('It goes in one PUT.');
    expect((await put(upload.url, new Uint8Array(1000), upload.headers)).status).toBeGreaterThanOrEqual(400);
    await send(begun, small);
    expect(await complete(object.id)).toEqual(object);
    const { url } = await presignObject(domain.stores, domain.actor, { id: object.id, expirySeconds: 60 });
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(small);
  });

  test.each([
    ['fewer bytes', 999],
    ['more bytes', 1001],
    ['other bytes', 1000],
  ])('of %s than declared is refused by the store, and nothing has arrived', async (_which, length) => {
    const begun = await begin(small);
    if (begun.upload?.method !== 'put') throw new Error('It goes in one PUT.');
    const response = await put(begun.upload.url, new Uint8Array(length), begun.upload.headers);
    expect([400, 403]).toContain(response.status);
    expect(await staged(begun)).toBeUndefined();
    expect((await refusal(complete(begun.object.id))).reason).toBe('precondition_failed');
    await send(begun, small);
    expect((await complete(begun.object.id)).status).toBe('ready');
  });

  test('in parts that declares their hashes alone is checked part by part, and is not read', async () => {
    const begun = await begin(large, byParts(large));
    if (begun.upload?.method !== 'parts') throw new Error('It goes in parts.');
    const [first, second] = begun.upload.parts;
    if (!first || !second) throw new Error('It has two parts.');
    const wrong = await put(first.url, new Uint8Array(16 * mebibyte), first.headers);
    expect(wrong.status).toBeGreaterThanOrEqual(400);
    expect((await put(second.url, large.slice(0, 16 * mebibyte), second.headers)).status).toBeGreaterThanOrEqual(400);
    expect((await parts(begun.object.id)).parts.map((part) => part.sizeBytes)).toEqual([undefined, undefined]);
    await send(begun, large);
    const renewed = await parts(begun.object.id);
    expect(renewed.parts[0]?.headers).toEqual(first.headers);
    const unread = withObjects(domain.stores, { read: () => Promise.reject(new Error('It is read.')) });
    const object = await completeUpload(unread, domain.actor, { id: begun.object.id });
    expect(object).toMatchObject({ status: 'ready', sha256: null, partsSha256: partsSha256Of(large) });
    const { url } = await presignObject(domain.stores, domain.actor, { id: begun.object.id, expirySeconds: 60 });
    expect(sha256Of(new Uint8Array(await (await fetch(url)).arrayBuffer()))).toBe(sha256Of(large));
  });

  test('in parts that declares the whole alone is ready with both hashes', async () => {
    const both = { sha256: sha256Of(large), partsSha256: partsSha256Of(large) };
    expect(await uploaded(large)).toMatchObject({ status: 'ready', ...both });
  });

  test('of a wrong whole hash is refused though each part has the right one, and leaves nothing', async () => {
    const begun = await begin(large, { ...byParts(large), sha256: sha256Of(small) });
    await send(begun, large);
    const error = await refusal(complete(begun.object.id));
    expect(error).toMatchObject({
      reason: 'precondition_failed',
      details: { declaredSha256: sha256Of(small), foundSha256: sha256Of(large) },
    });
    await domain.drained();
    expect(await stored(begun)).toBeUndefined();
    expect((await refusal(complete(begun.object.id))).reason).toBe('not_found');
  });

  test('begun by its parts’ hashes, and again with a wrong whole one, is refused', async () => {
    const begun = await begin(large, byParts(large));
    const name = begun.object.key.replace('artifacts/', '');
    const again = await begin(large, { ...byParts(large), name, sha256: sha256Of(small) });
    expect(again.object.id).toBe(begun.object.id);
    await send(again, large);
    expect((await refusal(complete(begun.object.id))).details).toMatchObject({ declaredSha256: sha256Of(small) });
  });

  test('of the same bytes is stored once, whether the whole, the parts or both are declared', async () => {
    const ways = [{}, byParts(large), { ...byParts(large), sha256: sha256Of(large) }];
    const begun: BegunUpload[] = [];
    for (const way of ways) begun.push(await begin(large, way));
    for (const one of begun) await send(one, large);
    for (const { object } of begun.toReversed()) await complete(object.id);
    await domain.drained();
    expect((await Promise.all(begun.map(stored))).filter((found) => found !== undefined)).toHaveLength(1);
    for (const { object } of begun) {
      const { url } = await presignObject(domain.stores, domain.actor, { id: object.id, expirySeconds: 60 });
      expect(sha256Of(new Uint8Array(await (await fetch(url)).arrayBuffer()))).toBe(sha256Of(large));
    }
    for (const way of ways) {
      const known = { status: 'ready', sha256: sha256Of(large), partsSha256: partsSha256Of(large) };
      expect(await begin(large, way)).toMatchObject({ upload: null, object: known });
    }
  });

  test('in parts whose whole is checked later has its hash from then on, wherever the same bytes are', async () => {
    const first = await uploaded(large, byParts(large));
    expect(first.sha256).toBeNull();
    const second = await uploaded(large);
    expect(second.sha256).toBe(sha256Of(large));
    expect((await getObject(domain.stores, domain.actor, { id: first.id })).sha256).toBe(sha256Of(large));
  });

  test('of bytes that are there by their parts is not sent again for its whole hash, which is computed once', async () => {
    const first = await uploaded(large, byParts(large));
    const name = first.key.replace('artifacts/', '');
    const wrong = { name, sha256: sha256Of(small) };
    expect((await refusal(begin(large, wrong))).reason).toBe('conflict');
    const unread = withObjects(domain.stores, { read: () => Promise.reject(new Error('It is read.')) });
    expect((await refusal(begin(large, wrong, domain.actor, unread))).reason).toBe('conflict');
    const known = { status: 'ready', id: first.id, sha256: sha256Of(large) };
    expect(await begin(large, { name }, domain.actor, unread)).toMatchObject({ upload: null, object: known });
    expect((await begin(large, { ...byParts(large), sha256: sha256Of(small) })).upload).not.toBeNull();
  });

  test('that declares as many parts’ hashes as it has not is refused with the number', async () => {
    const error = await refusal(begin(large, { partSha256s: [sha256Of(large)] }));
    expect(error).toMatchObject({ reason: 'invalid_input', details: { field: 'partSha256s', partCount: 2 } });
  });

  test.each([
    ['no hash at all', () => large, { sha256: undefined }, 'partSha256s'],
    ['no hash of one PUT', () => small, { sha256: undefined }, 'sha256'],
    ['parts’ hashes of one PUT', () => small, { partSha256s: ['0'.repeat(64)] }, 'partSha256s'],
  ])('that declares %s is refused with what to give', async (_what, bytes, changes, field) => {
    const error = await refusal(begin(bytes(), changes));
    expect(error).toMatchObject({ reason: 'invalid_input', details: { field } });
    expect(error.message).toContain('give');
  });

  describe('to a store that checks nothing', () => {
    const unchecked = () => withObjects(domain.stores, { checksBodies: false });
    const beginUnchecked = (bytes: Uint8Array, changes: Changes = {}) =>
      begin(bytes, changes, domain.actor, unchecked());

    test.each([
      ['fewer', 999],
      ['more', 1001],
    ])('of %s bytes than declared is refused with both sizes and leaves nothing', async (_which, length) => {
      const begun = await beginUnchecked(small);
      await send(begun, new Uint8Array(length));
      const error = await refusal(complete(begun.object.id));
      expect(error).toMatchObject({
        reason: 'precondition_failed',
        details: { declaredSizeBytes: 1000, foundSizeBytes: length },
      });
      await domain.drained();
      expect(await stored(begun)).toBeUndefined();
      expect(await staged(begun)).toBeUndefined();
      expect((await refusal(complete(begun.object.id))).reason).toBe('not_found');
    });

    test('that is declared with 1 GiB and sent with 1 KiB is refused, whether in a part or whole', async () => {
      const begun = await begin(small, { sizeBytes: 1024 * mebibyte }, domain.actor, unchecked());
      if (begun.upload?.method !== 'parts') throw new Error('It goes in parts.');
      expect((await put(begun.upload.parts[0]?.url ?? '', small)).status).toBe(200);
      const error = await refusal(complete(begun.object.id));
      expect(error).toMatchObject({ reason: 'precondition_failed', details: { missingPartCount: 64 } });
      const bound = await begin(small, { sizeBytes: 1024 * mebibyte });
      if (bound.upload?.method !== 'parts') throw new Error('It goes in parts.');
      const [part] = bound.upload.parts;
      expect([400, 403]).toContain((await put(part?.url ?? '', small, part?.headers)).status);
    });

    test('of other bytes than declared is refused with both hashes and leaves nothing', async () => {
      const begun = await beginUnchecked(small);
      const other = new Uint8Array(randomBytes(1000));
      await send(begun, other);
      const error = await refusal(complete(begun.object.id));
      expect(error.reason).toBe('precondition_failed');
      expect(error.details).toMatchObject({ declaredSha256: sha256Of(small), foundSha256: sha256Of(other) });
      expect(error.message).toContain(sha256Of(other));
      await domain.drained();
      expect(await stored(begun)).toBeUndefined();
      expect(await staged(begun)).toBeUndefined();
      await uploaded(small, { name: begun.object.key.replace('artifacts/', '') });
    });

    test('in parts is read once, refused where they have other hashes, and ready with both hashes', async () => {
      const other = new Uint8Array(large);
      other[17 * mebibyte] = (other[17 * mebibyte] ?? 0) ^ 1;
      const begun = await beginUnchecked(large, byParts(large));
      await send(begun, other);
      const error = await refusal(completeUpload(unchecked(), domain.actor, { id: begun.object.id }));
      const hashes = { declaredPartsSha256: partsSha256Of(large), foundPartsSha256: partsSha256Of(other) };
      expect(error).toMatchObject({ reason: 'precondition_failed', details: hashes });
      const again = await beginUnchecked(large, byParts(large));
      await send(again, large);
      const ready = await completeUpload(unchecked(), domain.actor, { id: again.object.id });
      expect(ready).toMatchObject({ sha256: sha256Of(large), partsSha256: partsSha256Of(large) });
    });

    test('with a part of the wrong size is refused with its number', async () => {
      const begun = await beginUnchecked(large);
      await send(begun, large.slice(0, 19 * mebibyte));
      expect((await refusal(complete(begun.object.id))).details).toMatchObject({ missingPartNumbers: [2] });
    });
  });

  test('in parts of other bytes than declared is refused and leaves nothing', async () => {
    const begun = await begin(large);
    const other = new Uint8Array(large);
    other[17 * mebibyte] = (other[17 * mebibyte] ?? 0) ^ 1;
    await send(begun, other);
    expect((await refusal(complete(begun.object.id))).details).toMatchObject({ foundSha256: sha256Of(other) });
    await domain.drained();
    expect(await stored(begun)).toBeUndefined();
  });

  test('that was begun but never sent is refused, and goes on once the bytes arrive', async () => {
    const begun = await begin(small);
    expect((await refusal(complete(begun.object.id))).reason).toBe('precondition_failed');
    await send(begun, small);
    expect((await complete(begun.object.id)).status).toBe('ready');
  });

  test('with a missing part is refused with its number, and resumes with what is there', async () => {
    const begun = await begin(large);
    await send(begun, large, [2]);
    const error = await refusal(complete(begun.object.id));
    expect(error).toMatchObject({ reason: 'precondition_failed', details: { missingPartNumbers: [1] } });
    const there = await parts(begun.object.id);
    expect(there).toMatchObject({ partCount: 2, nextPartNumber: null });
    expect(there.parts.map((part) => part.sizeBytes)).toEqual([undefined, 4 * mebibyte]);
    const resumed = await begin(large, { name: begun.object.key.replace('artifacts/', '') });
    expect(resumed.object.id).toBe(begun.object.id);
    await send(resumed, large, [1]);
    expect((await complete(begun.object.id)).status).toBe('ready');
  });

  test.each([
    ['one PUT', () => small],
    ['parts', () => large],
  ])('by %s that is completed twice at once is ready once, and its bytes are whole', async (_way, some) => {
    const bytes = some();
    const begun = await begin(bytes);
    await send(begun, bytes);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => complete(begun.object.id)));
    const ready = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(ready.length).toBeGreaterThan(0);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'conflict' });
      else expect(outcome.value.status).toBe('ready');
    }
    await domain.drained();
    expect(await complete(begun.object.id)).toMatchObject({ status: 'ready' });
    expect((await stored(begun))?.sizeBytes).toBe(bytes.length);
  });

  test.each([
    ['one PUT', () => small],
    ['parts', () => large],
  ])('by %s goes on where its completion broke off after the bytes were put together', async (_way, some) => {
    const bytes = some();
    const begun = await begin(bytes, {}, domain.actor, withObjects(domain.stores, { checksBodies: false }));
    await send(begun, bytes);
    const broken = withObjects(domain.stores, {
      checksBodies: false,
      read: () => Promise.reject(new NexusError('unavailable', 'Broken.')),
    });
    expect((await refusal(completeUpload(broken, domain.actor, { id: begun.object.id }))).reason).toBe('unavailable');
    expect((await complete(begun.object.id)).status).toBe('ready');
  });

  test('of the same bytes again is answered ready with nothing to send', async () => {
    const object = await uploaded(small);
    const again = await begin(small, { name: object.key.replace('artifacts/', '') });
    expect(again).toMatchObject({ object, upload: null, expiresAt: null });
  });

  test('of bytes that the workspace has under another name is ready at once, and they are stored once', async () => {
    const first = await uploaded(small, { contentType: 'text/plain' });
    const second = await begin(small, { kind: 'model', name: `${randomUUID()}.bin`, contentType: 'text/csv' });
    expect(second).toMatchObject({ upload: null, object: { status: 'ready', bucket: 'topology-models' } });
    expect(await domain.stores.objects.find('topology-models', physical(second.object.key))).toBeUndefined();
    const read = async () => {
      const input = { bucket: second.object.bucket, key: second.object.key, expirySeconds: 60 };
      return fetch((await presignObject(domain.stores, domain.actor, input)).url);
    };
    const response = await read();
    expect(response.headers.get('content-type')).toBe('text/csv');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(small);

    await deleteObject(domain.stores, domain.actor, { id: first.id });
    await domain.drained();
    expect(new Uint8Array(await (await read()).arrayBuffer())).toEqual(small);
    const other = new Uint8Array(randomBytes(1000));
    const third = await uploaded(other, { name: first.key.replace('artifacts/', '') });
    expect(third.key).toBe(first.key);
    expect(new Uint8Array(await (await read()).arrayBuffer())).toEqual(small);
    await deleteObject(domain.stores, domain.actor, { id: second.object.id });
    await deleteObject(domain.stores, domain.actor, { id: third.id });
    await domain.drained();
    expect(await domain.stores.objects.listKeys('topology-artifacts', physical('artifacts/'), '')).toEqual(
      expect.not.arrayContaining([physical(first.key)]),
    );
    expect((await begin(small)).upload).not.toBeNull();
  });

  test('of bytes that another workspace has is sent, for nothing tells whether they are there', async () => {
    await uploaded(small);
    expect((await begin(small, {}, domain.otherActor)).upload).not.toBeNull();
  });

  test('of the same bytes under two names at once stores them once', async () => {
    const [one, two] = [await begin(small), await begin(small)];
    await send(one, small);
    await send(two, small);
    const done = await Promise.all([complete(one.object.id), complete(two.object.id)]);
    await domain.drained();
    const there = await Promise.all([stored(one), stored(two)]);
    expect(there.filter((found) => found !== undefined)).toHaveLength(1);
    for (const { id } of done) {
      const { url } = await presignObject(domain.stores, domain.actor, { id, expirySeconds: 60 });
      expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(small);
    }
    await Promise.all(done.map(({ id }) => deleteObject(domain.stores, domain.actor, { id })));
    await domain.drained();
    expect(await Promise.all([stored(one), stored(two)])).toEqual([undefined, undefined]);
  });

  test('of other bytes at the same key is a conflict, whether the first is pending or ready', async () => {
    const begun = await begin(small);
    const name = begun.object.key.replace('artifacts/', '');
    const other = new Uint8Array(randomBytes(1000));
    expect((await refusal(begin(other, { name }))).reason).toBe('conflict');
    await send(begun, small);
    await complete(begun.object.id);
    expect(await refusal(begin(other, { name }))).toMatchObject({
      reason: 'conflict',
      details: { id: begun.object.id },
    });
  });

  test('begun twice at once is one upload', async () => {
    const name = `${randomUUID()}.bin`;
    const [one, two] = await Promise.all([begin(large, { name }), begin(large, { name })]);
    expect(two.object.id).toBe(one.object.id);
    await send(one, large, [1]);
    await send(two, large, [2]);
    expect((await complete(one.object.id)).status).toBe('ready');
  });

  test('that was aborted leaves nothing, and its key is free at once', async () => {
    const begun = await begin(large);
    await send(begun, large, [1]);
    await abortUpload(domain.stores, domain.actor, { id: begun.object.id });
    expect((await refusal(parts(begun.object.id))).reason).toBe('not_found');
    await domain.drained();
    const { upload } = begun;
    if (upload?.method !== 'parts') throw new Error('It goes in parts.');
    expect((await put(upload.parts[1]?.url ?? '', large.slice(16 * mebibyte))).status).toBe(404);
    expect((await uploaded(small, { name: begun.object.key.replace('artifacts/', '') })).status).toBe('ready');
  });

  test('that is ready cannot be aborted', async () => {
    const { id } = await uploaded(small);
    expect((await refusal(abortUpload(domain.stores, domain.actor, { id }))).reason).toBe('conflict');
  });

  test('pages its parts, and 5 TiB fit in 10,000 of them', async () => {
    const sizeBytes = 5_497_558_138_880;
    const begun = await begin(small, { sizeBytes });
    if (begun.upload?.method !== 'parts') throw new Error('It goes in parts.');
    expect(begun.upload.partCount).toBeLessThanOrEqual(10_000);
    expect(begun.upload.partCount * begun.upload.partSizeBytes).toBeGreaterThanOrEqual(sizeBytes);
    expect(begun.upload.parts).toHaveLength(100);
    const next = await parts(begun.object.id, 101, 1000);
    expect([next.parts[0]?.partNumber, next.parts.length, next.nextPartNumber]).toEqual([101, 1000, 1101]);
    expect((await parts(begun.object.id, begun.upload.partCount, 10)).nextPartNumber).toBeNull();
    expect([partSizeOf(16 * mebibyte), partSizeOf(16 * mebibyte + 1)]).toEqual([null, 16 * mebibyte]);
  });
});

describe('a name', () => {
  test.each([
    '../x',
    'a/../b',
    'a/./b',
    '..',
    '/a',
    'a/',
    'a//b',
    'a\\b',
    'a\0b',
    'a\nb',
    '',
    ' ',
    '\ud800',
    'a\uffff',
    'x'.repeat(201),
    'ü'.repeat(101),
  ])('that leaves its folder or cannot be stored is refused: %j', (name) => {
    const input = { kind: 'artifact', name, sizeBytes: 1, sha256: sha256Of(small) };
    expect(BeginUploadInput.safeParse(input).success).toBe(false);
    const file = { ...input, kind: 'dataset_file', name: 'x', datasetName: name };
    expect(BeginUploadInput.safeParse(file).success).toBe(false);
  });

  test('whose whole key is longer than 1,024 bytes is refused', async () => {
    const name = Array(6).fill('x'.repeat(169)).join('/');
    expect((await refusal(begin(small, { name }))).reason).toBe('invalid_input');
  });

  test.each([-1, 1.5, 5_497_558_138_881, Number.NaN])('with a size of %d is refused', (sizeBytes) => {
    const input = { kind: 'artifact', name: 'x', sizeBytes, sha256: sha256Of(small) };
    expect(BeginUploadInput.safeParse(input).success).toBe(false);
  });

  test('of each kind lies where the buckets’ layout draws it', async () => {
    const { id } = await aTopology(domain.stores, domain.actor);
    const name = `${randomUUID()}.pt`;
    const at = async (changes: Changes) => {
      const { object } = await begin(small, { name, ...changes });
      return `${object.bucket} ${object.key}`;
    };
    expect(await at({ kind: 'model' })).toBe(`topology-models models/${name}`);
    expect(await at({ kind: 'checkpoint', topologyId: id })).toBe(`topology-models checkpoints/topology-${id}/${name}`);
    expect(await at({ kind: 'dataset_file', datasetName: 'web' })).toBe(`topology-datasets datasets/web/${name}`);
    expect(await at({ kind: 'log', date: '2024-01-15' })).toBe(`topology-logs logs/2024-01-15/${name}`);
    expect(await at({ kind: 'artifact' })).toBe(`topology-artifacts artifacts/${name}`);
  });

  test('of a checkpoint needs a topology of the workspace', async () => {
    expect((await refusal(begin(small, { kind: 'checkpoint' }))).reason).toBe('invalid_input');
    const { id } = await aTopology(domain.stores, domain.otherActor);
    expect((await refusal(begin(small, { kind: 'checkpoint', topologyId: id }))).reason).toBe('not_found');
  });
});

describe('an object', () => {
  test('of another workspace is not found, and the same name there is another object', async () => {
    const object = await uploaded(small);
    const { stores, otherActor } = domain;
    const { id, bucket, key } = object;
    expect((await refusal(getObject(stores, otherActor, { id }))).reason).toBe('not_found');
    expect((await refusal(complete(id, otherActor))).reason).toBe('not_found');
    expect((await refusal(deleteObject(stores, otherActor, { id }))).reason).toBe('not_found');
    expect((await refusal(abortUpload(stores, otherActor, { id }))).reason).toBe('not_found');
    const named = { bucket, key, expirySeconds: 60 };
    expect((await refusal(presignObject(stores, otherActor, named))).reason).toBe('not_found');
    const theirs = await begin(small, { name: key.replace('artifacts/', '') }, otherActor);
    expect(theirs.object.status).toBe('pending');
  });

  test('is read by a URL for its bucket and key', async () => {
    const object = await uploaded(small, { kind: 'model', name: `${randomUUID()}.json` });
    const input = PresignObjectInput.parse({ bucket: 'topology-models', key: object.key });
    const { url, expiresAt } = await presignObject(domain.stores, domain.actor, input);
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(small);
    expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(3_500_000);
    expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(3_600_000);
  });

  test('that is pending has no URL to read it', async () => {
    const { object } = await begin(small);
    const input = { id: object.id, expirySeconds: 60 };
    expect((await refusal(presignObject(domain.stores, domain.actor, input))).reason).toBe('precondition_failed');
  });

  test('that is deleted is gone, with its bytes once the outbox is drained', async () => {
    const begun = await begin(small);
    await send(begun, small);
    await complete(begun.object.id);
    await deleteObject(domain.stores, domain.actor, { id: begun.object.id });
    await domain.drained();
    expect(await stored(begun)).toBeUndefined();
    expect((await refusal(getObject(domain.stores, domain.actor, { id: begun.object.id }))).reason).toBe('not_found');
  });

  test('may be replaced by delete and upload, and the late removal of the old bytes does not take the new ones', async () => {
    const name = `${randomUUID()}.bin`;
    const old = await uploaded(small, { name });
    const { objects } = domain.stores;
    const { remove } = objects;
    const gate = Promise.withResolvers<void>();
    objects.remove = async (...given) => {
      await gate.promise;
      return remove(...given);
    };
    try {
      await deleteObject(domain.stores, domain.actor, { id: old.id });
      const bytes = new Uint8Array(randomBytes(1000));
      const begun = await begin(bytes, { name });
      await send(begun, bytes);
      const completed = complete(begun.object.id);
      await Promise.race([completed, new Promise((resolve) => setTimeout(resolve, 300))]);
      gate.resolve();
      expect((await completed).status).toBe('ready');
      await domain.drained();
      expect((await stored(begun))?.sizeBytes).toBe(1000);
    } finally {
      gate.resolve();
      objects.remove = remove;
    }
  });

  test('is listed newest first, by kind and prefix, in pages without gaps', async () => {
    const folder = randomUUID();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.unshift((await begin(small, { name: `${folder}/${n}` })).object.id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listObjects(domain.stores, domain.actor, {
        kind: 'artifact',
        prefix: `artifacts/${folder}/`,
        limit: 2,
        cursor,
      });
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect([...seen].sort()).toEqual([...made].sort());
    const none = await listObjects(domain.stores, domain.actor, { prefix: `artifacts/${folder}%`, limit: 10 });
    expect(none.items).toEqual([]);
  });
});

describe('the sweep', () => {
  test('takes what was sent to a URL after its upload was ready or aborted, and nothing of an upload that goes on', async () => {
    const [ready, aborted, pending] = [
      await begin(small),
      await begin(new Uint8Array(7)),
      await begin(new Uint8Array(8)),
    ];
    await send(ready, small);
    await complete(ready.object.id);
    await abortUpload(domain.stores, domain.actor, { id: aborted.object.id });
    await domain.drained();
    await send(ready, small);
    await send(aborted, new Uint8Array(7));
    await send(pending, new Uint8Array(8));
    expect(await sweepStaging(domain.stores)).toBeGreaterThanOrEqual(2);
    expect([await staged(ready), await staged(aborted)]).toEqual([undefined, undefined]);
    expect(await staged(pending)).toBeDefined();
    expect(await stored(ready)).toBeDefined();
  });

  test('ends a thousand uploads that were begun and never completed', async () => {
    const input = (n: number) =>
      BeginUploadInput.parse({
        kind: 'artifact',
        name: `${folder}/${n}`,
        sizeBytes: 5,
        sha256: sha256Of(Buffer.from(`${n}`)),
      });
    const folder = randomUUID();
    for (let n = 0; n < 1000; n += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, k) => beginUpload(domain.stores, domain.actor, input(n + k))));
    }
    await domain.pendingAreOver();
    expect(await sweepPendingObjects(domain.stores, new Date())).toBeGreaterThanOrEqual(1000);
    const left = await listObjects(domain.stores, domain.actor, { prefix: `artifacts/${folder}/`, limit: 10 });
    expect(left.items).toEqual([]);
  });

  test('leaves nothing of uploads whose time is over: no row, no bytes, no parts', async () => {
    const [single, multi] = [await begin(small), await begin(large)];
    await send(single, small);
    await send(multi, large);
    const ready = await uploaded(small);
    await domain.pendingAreOver();
    expect(await sweepPendingObjects(domain.stores, new Date())).toBeGreaterThanOrEqual(2);
    await domain.drained();
    for (const begun of [single, multi]) {
      expect((await refusal(getObject(domain.stores, domain.actor, { id: begun.object.id }))).reason).toBe('not_found');
      expect(await staged(begun)).toBeUndefined();
      expect(await stored(begun)).toBeUndefined();
    }
    if (multi.upload?.method !== 'parts') throw new Error('It goes in parts.');
    expect((await put(multi.upload.parts[0]?.url ?? '', large.slice(0, 16 * mebibyte))).status).toBe(404);
    expect(await complete(ready.id)).toEqual(ready);
  });

  test('leaves uploads whose time is not over', async () => {
    const begun = await begin(small);
    await sweepPendingObjects(domain.stores, new Date());
    await send(begun, small);
    expect((await complete(begun.object.id)).status).toBe('ready');
  });

  test('takes what a server that died while it stored bytes of its own left behind', async () => {
    const name = `${randomUUID()}.json`;
    const place = { kind: 'artifact' as const, name, bytes: Buffer.from('{}'), contentType: 'application/json' };
    const isDead = { current: false };
    const dying = withObjects(domain.stores, {
      async put(...given) {
        await domain.stores.objects.put(...given);
        isDead.current = true;
        throw new NexusError('unavailable', 'The process is gone.');
      },
    });
    const db: typeof dying.db = new Proxy(dying.db, {
      get(target, property, receiver) {
        if (isDead.current) throw new Error('The process is gone.');
        return Reflect.get(target, property, receiver);
      },
    });
    await storeSmallObject({ ...dying, db }, domain.actor, place).catch(() => undefined);
    const key = physical(`artifacts/${name}`);
    expect(await domain.stores.objects.find('topology-artifacts', key)).toBeDefined();
    await domain.pendingAreOver();
    await sweepPendingObjects(domain.stores, new Date());
    await domain.drained();
    expect(await domain.stores.objects.find('topology-artifacts', key)).toBeUndefined();
  });
});

describe('bytes of the server’s own', () => {
  test('are gone, and their key free, where what they were stored for is refused', async () => {
    const name = `${randomUUID()}.json`;
    const place = { kind: 'artifact' as const, name, bytes: Buffer.from('{}'), contentType: 'application/json' };
    const refused = storeSmallObjectWith(domain.stores, domain.actor, place, () =>
      Promise.reject(new NexusError('conflict', 'No.')),
    );
    expect((await refusal(refused)).message).toBe('No.');
    await domain.drained();
    expect(await domain.stores.objects.find('topology-artifacts', physical(`artifacts/${name}`))).toBeUndefined();
    expect((await storeSmallObject(domain.stores, domain.actor, place)).status).toBe('ready');
  });

  test('stored twice at once are one object', async () => {
    const place = {
      kind: 'artifact' as const,
      name: `${randomUUID()}.txt`,
      bytes: Buffer.from('x'),
      contentType: 'text/plain',
    };
    const stored = await Promise.all([1, 2, 3].map(() => storeSmallObject(domain.stores, domain.actor, place)));
    const again = await storeSmallObject(domain.stores, domain.actor, place);
    expect(again.status).toBe('ready');
    expect(stored).toEqual([again, again, again]);
  });

  test('above 16 MiB are refused', async () => {
    const place = { kind: 'artifact' as const, name: 'x', bytes: Buffer.alloc(16 * mebibyte + 1), contentType: 'a/b' };
    expect((await refusal(storeSmallObject(domain.stores, domain.actor, place))).reason).toBe('too_large');
  });
});
