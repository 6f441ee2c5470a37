import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { openObjects } from '../../server/stores/objects.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const keys = { accessKey: 'a'.repeat(20), secretKey: 's'.repeat(64) };

async function openEmbeddedObjects(path: string) {
  const server = await startEmbeddedObjects({ directory: join(path, 'objects'), ...keys });
  const store = openObjects({
    endpoint: server.endpoint,
    publicEndpoint: server.endpoint,
    region: 'us-east-1',
    ...keys,
  });
  await store.prepare(['bucket-a', 'bucket-b']);
  return { server, store };
}

test('objects survive a restart, and buckets may be ensured twice', async () => {
  await using directory = await temporaryDirectory();
  const first = await openEmbeddedObjects(directory.path);
  await first.store.put('bucket-a', 'models/x.json', Buffer.from('{"a":1}'), 'application/json');
  await first.server[Symbol.asyncDispose]();
  const second = await openEmbeddedObjects(directory.path);
  await using _server = second.server;
  const response = await fetch(await second.store.presignGet('bucket-a', 'models/x.json', 60, { fileName: 'x.json' }));
  expect(await response.text()).toBe('{"a":1}');
  expect(response.headers.get('content-disposition')).toContain('x.json');
});

test('a request without a signature, or with one that was changed, is refused', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await openEmbeddedObjects(directory.path);
  await using _server = server;
  await store.put('bucket-a', 'x', Buffer.from('x'), 'text/plain');
  const url = await store.presignGet('bucket-a', 'x', 60);
  expect((await fetch(url.replace(/\?.*/, ''))).status).toBe(403);
  expect((await fetch(url.replace('/x?', '/y?'))).status).toBe(403);
  expect((await fetch(url)).status).toBe(200);
});

test('no key leaves its bucket', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await openEmbeddedObjects(directory.path);
  await using _server = server;
  const { url } = await store.presignPut('bucket-a', 'escape', 60);
  for (const path of ['..%2Fbucket-b%2Fescape', '%2e%2e%2f%2e%2e%2fescape', 'a%5C..%5Cescape', 'a%00b']) {
    const response = await fetch(url.replace('/escape?', `/${path}?`), { method: 'PUT', body: 'x' });
    expect(response.status, path).toBe(403);
  }
  for (const key of ['a/../../bucket-b/escape', 'a\\..\\escape', 'a\0b', 'x'.repeat(1025)]) {
    const signed = await store.presignPut('bucket-a', key, 60);
    expect((await raw(signed.url, 'PUT', 'x')).status, key).toBe(400);
  }
  expect(existsSync(join(directory.path, 'escape'))).toBe(false);
  expect(await store.find('bucket-b', 'escape')).toBeUndefined();
});

/** A request whose path is sent as it is: fetch would tidy it. */
function raw(url: string, method: string, body: string): Promise<{ status: number }> {
  const { hostname, port } = new URL(url);
  const path = url.slice(url.indexOf('/', 'http://'.length));
  return new Promise((resolve, reject) => {
    const asked = http.request({ hostname, port, method, path }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('no batch delete and no copy reaches out of its bucket', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await openEmbeddedObjects(directory.path);
  await using _server = server;
  await writeFile(join(directory.path, 'victim._S3rver_object'), 'mine');
  await store.put('bucket-a', 'x', Buffer.from('x'), 'text/plain');
  await store.remove('bucket-a', ['../../victim']).catch(() => undefined);
  expect(existsSync(join(directory.path, 'victim._S3rver_object'))).toBe(true);
  await expect(store.copy('bucket-a', '../../victim', 'stolen', 'text/plain')).rejects.toThrow();
  const { url } = await store.presignPut('bucket-b', 'copied', 60);
  const response = await fetch(url, { method: 'PUT', headers: { 'x-amz-copy-source': '/bucket-a/x' } });
  expect(response.status).toBe(403);
  expect(await store.find('bucket-b', 'copied')).toBeUndefined();
});

test('removing objects forgives those that are gone', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await openEmbeddedObjects(directory.path);
  await using _server = server;
  await store.put('bucket-a', 'x', Buffer.from('x'), 'text/plain');
  await store.copy('bucket-a', 'x', 'y', 'text/plain');
  await store.remove('bucket-a', ['x', 'never']);
  expect(await store.find('bucket-a', 'x')).toBeUndefined();
  expect(await store.find('bucket-a', 'y')).toMatchObject({ sizeBytes: 1 });
});

test('an upload in parts tells which parts have arrived, to a signed request only, and becomes their bytes', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await openEmbeddedObjects(directory.path);
  await using _server = server;
  const uploadId = await store.beginMultipart('bucket-a', 'big/é.bin', 'application/octet-stream');
  const sizes = [5 << 20, 5 << 20, 10];
  for (const [n, size] of sizes.entries()) {
    const part = { uploadId, partNumber: n + 1 };
    const { url } = await store.presignPart('bucket-a', 'big/é.bin', part, 60);
    expect((await fetch(url, { method: 'PUT', body: Buffer.alloc(size, n) })).status).toBe(200);
  }
  const parts = await store.listParts('bucket-a', 'big/é.bin', uploadId);
  expect(parts.map((part) => [part.partNumber, part.sizeBytes])).toEqual(sizes.map((size, n) => [n + 1, size]));
  await expect(store.listParts('bucket-a', 'other', uploadId)).rejects.toMatchObject({ reason: 'not_found' });
  const forged = `${server.endpoint}/bucket-a/big/%C3%A9.bin?uploadId=${uploadId}&X-Amz-Signature=00`;
  expect((await fetch(forged)).status).toBeGreaterThanOrEqual(400);
  await store.completeMultipart('bucket-a', 'big/é.bin', uploadId, parts);
  expect(await store.find('bucket-a', 'big/é.bin')).toMatchObject({ sizeBytes: (10 << 20) + 10 });
  await store.abortMultipart('bucket-a', 'big/é.bin', uploadId);
});

test('a delete takes no neighbour with it that arrives in the same moment', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await openEmbeddedObjects(directory.path);
  await using _server = server;
  for (let round = 0; round < 100; round += 1) {
    await store.put('bucket-a', 'uploads/old', Buffer.from('x'), 'text/plain');
    await Promise.all([
      store.remove('bucket-a', ['uploads/old']),
      store.put('bucket-a', `uploads/new-${round}`, Buffer.from('x'), 'text/plain'),
    ]);
    expect(await store.find('bucket-a', `uploads/new-${round}`), `round ${round}`).toBeDefined();
    await store.remove('bucket-a', [`uploads/new-${round}`]);
  }
});

test('documents need the password, survive a restart, and a repeated put is safe', async () => {
  await using directory = await temporaryDirectory();
  const options = { directory: join(directory.path, 'documents'), user: 'u', password: 'p' };
  const map =
    "function (doc) { if (typeof doc.workspace_id === 'number') emit([doc.workspace_id, doc.timestamp], null); }";
  const first = await startEmbeddedDocuments(options);
  const store = openDocuments({ url: first.endpoint, user: 'u', password: 'p' });
  first.know({ notes: { lists_v1: { all: map } } });
  await store.prepare({ notes: { lists_v1: { all: map } } });
  await store.prepare({ notes: { lists_v1: { all: map } } });
  const put = await store.put('notes', { _id: 'a', workspace_id: 1, timestamp: 't1' });
  expect(await store.put('notes', { _id: 'a', workspace_id: 1, timestamp: 't1' })).toEqual(put);
  await expect(store.put('notes', { _id: 'a', workspace_id: 2 })).rejects.toMatchObject({ reason: 'conflict' });
  await expect(openDocuments({ url: first.endpoint, user: 'u', password: 'x' }).ping()).rejects.toMatchObject({
    reason: 'unavailable',
  });
  await first[Symbol.asyncDispose]();
  await expect(store.ping()).rejects.toMatchObject({ reason: 'unavailable', details: { store: 'documents' } });
});

test('views list newest first in one workspace, and _changes tells what came', async () => {
  await using directory = await temporaryDirectory();
  await using server = await startEmbeddedDocuments({ directory: directory.path, user: 'u', password: 'p' });
  const store = openDocuments({ url: server.endpoint, user: 'u', password: 'p' });
  const map =
    "function (doc) { if (typeof doc.workspace_id === 'number') emit([doc.workspace_id, doc.timestamp], null); }";
  server.know({ notes: { lists_v1: { all: map } } });
  await store.prepare({ notes: { lists_v1: { all: map } } });
  const results = await store.bulk('notes', [
    { _id: 'a', workspace_id: 1, timestamp: 't1' },
    { _id: 'b', workspace_id: 1, timestamp: 't2' },
    { _id: 'c', workspace_id: 2, timestamp: 't3' },
  ]);
  expect(results).toHaveLength(3);
  const listed = await store.view('notes', 'lists_v1', 'all', {
    startKey: [1, {}],
    endKey: [1],
    descending: true,
    limit: 10,
  });
  expect(listed.map((row) => row.id)).toEqual(['b', 'a']);
  const { changes, lastSequence } = await store.changes('notes', '0', { limit: 10, waitMs: 0, withDocuments: true });
  expect(changes.map((change) => change.id)).toEqual(expect.arrayContaining(['a', 'b', 'c']));
  await store.remove('notes', 'a');
  await store.remove('notes', 'a');
  const later = await store.changes('notes', lastSequence, { limit: 10, waitMs: 1000, withDocuments: false });
  expect(later.changes).toMatchObject([{ id: 'a', isDeleted: true }]);
});
