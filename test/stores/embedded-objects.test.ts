import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import aws4 from 'aws4';
import { expect, test } from 'vitest';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { openObjects } from '../../server/stores/objects.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const keys = { accessKey: 'a'.repeat(20), secretKey: 's'.repeat(64) };
const region = 'us-east-1';

async function open(path: string) {
  const server = await startEmbeddedObjects({ directory: join(path, 'objects'), ...keys });
  const address = { endpoint: server.endpoint, publicEndpoint: server.endpoint, region, ...keys };
  const store = openObjects(address);
  await store.prepare(['bucket-a']);
  return { server, store, address, files: join(path, 'objects', 'files') };
}

/** A request that is signed in its header, at a time of one's own. */
function signed(endpoint: string, asked: { method: string; path: string; body?: string; date?: Date; extra?: object }) {
  const { host } = new URL(endpoint);
  const { method, path, body = '', date = new Date() } = asked;
  const request = aws4.sign(
    {
      service: 's3',
      region,
      method,
      path,
      host,
      body,
      headers: { 'X-Amz-Date': date.toISOString().replace(/[:-]|\.\d{3}/g, '') },
    },
    { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey },
  );
  const headers = Object.fromEntries(
    Object.entries({ ...request.headers, ...asked.extra }).map(([k, v]) => [k, String(v)]),
  );
  return fetch(`${endpoint}${path}`, { method, headers, ...(method === 'GET' ? {} : { body }) });
}

test('a request that is signed in its header is good for 15 minutes', async () => {
  await using directory = await temporaryDirectory();
  const { server } = await open(directory.path);
  await using _server = server;
  const { endpoint } = server;
  const path = '/bucket-a/x';
  expect((await signed(endpoint, { method: 'PUT', path, body: 'x' })).status).toBe(200);
  for (const minutes of [-16, 16]) {
    const date = new Date(Date.now() + minutes * 60_000);
    const response = await signed(endpoint, { method: 'PUT', path, body: 'y', date });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('RequestTimeTooSkewed');
  }
  const copied = await signed(endpoint, { method: 'PUT', path, extra: { 'x-amz-copy-source': '/bucket-a/z' } });
  expect(copied.status).toBe(403);
  expect(await (await signed(endpoint, { method: 'GET', path })).text()).toBe('x');
});

test('a presigned URL ends with its time, and with every change of it', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await open(directory.path);
  await using _server = server;
  await store.put('bucket-a', 'x', Buffer.from('x'), 'text/plain');
  const url = await store.presignGet('bucket-a', 'x', 1);
  expect((await fetch(url)).status).toBe(200);
  const old = url.replace(/X-Amz-Date=\d{8}T/, 'X-Amz-Date=20200101T');
  for (const changed of [
    old,
    url.replace('X-Amz-Expires=1', 'X-Amz-Expires=604800'),
    `${url}&response-content-type=text%2Fhtml`,
    url.replace(/Signature=./, 'Signature=x'),
  ]) {
    expect((await fetch(changed)).status, changed).toBe(403);
  }
  // As S3 answers it: the address is wrong, not the right to it.
  expect((await fetch(url.replace('us-east-1', 'eu-west-1'))).status).toBe(400);
  expect((await fetch(url.replace('X-Amz-Expires=1', 'X-Amz-Expires=604801'))).status).toBe(400);
});

test('a PUT that breaks off leaves the object as it was, and no bytes', async () => {
  await using directory = await temporaryDirectory();
  const { server, store, files } = await open(directory.path);
  await using _server = server;
  await store.put('bucket-a', 'x', Buffer.from('old'), 'text/plain');
  const { url } = await store.presignPut('bucket-a', 'x', 60);
  const { hostname, port, pathname, search } = new URL(url);
  const broken = new Promise<void>((resolve) => {
    const request = http.request({
      hostname,
      port,
      path: pathname + search,
      method: 'PUT',
      headers: { 'content-length': 1e6 },
    });
    request.on('error', () => resolve());
    request.write(Buffer.alloc(500_000), () => request.destroy());
  });
  await broken;
  await expect.poll(() => readdir(files)).toHaveLength(1);
  expect(await (await fetch(await store.presignGet('bucket-a', 'x', 60))).text()).toBe('old');
});

test('a body whose checksum is not the declared one is refused and kept nowhere', async () => {
  await using directory = await temporaryDirectory();
  const { server, store, files } = await open(directory.path);
  await using _server = server;
  expect(store.checksBodies).toBe(true);
  const body = Buffer.from('right');
  const sha256 = createHash('sha256').update(body).digest('hex');
  const { url, headers } = await store.presignPut('bucket-a', 'x', 60, { sizeBytes: body.length, sha256 });
  const send = (bytes: string, sent: Record<string, string> = headers) =>
    fetch(url, { method: 'PUT', body: bytes, headers: sent });
  expect((await send('wrong')).status).toBe(400);
  expect((await send('longer')).status).toBe(403);
  expect((await send('right', {})).status).toBe(403);
  expect(await readdir(files)).toEqual([]);
  expect((await send('right')).status).toBe(200);
  expect(await store.find('bucket-a', 'x')).toMatchObject({ sha256, sizeBytes: 5 });
});

test('ranges are those of HTTP, the first byte and the last ones too', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await open(directory.path);
  await using _server = server;
  await store.put('bucket-a', 'x', Buffer.from('0123456789'), 'text/plain');
  const url = await store.presignGet('bucket-a', 'x', 60);
  const read = async (range: string) => {
    const response = await fetch(url, { headers: { range } });
    return [response.status, response.headers.get('content-range'), await response.text()];
  };
  expect(await read('bytes=0-0')).toEqual([206, 'bytes 0-0/10', '0']);
  expect(await read('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await read('bytes=-99')).toEqual([206, 'bytes 0-9/10', '0123456789']);
  expect(await read('bytes=8-')).toEqual([206, 'bytes 8-9/10', '89']);
  expect(await read('bytes=8-99')).toEqual([206, 'bytes 8-9/10', '89']);
  expect(await read('lines=1-2')).toEqual([200, null, '0123456789']);
  expect((await read('bytes=10-'))[0]).toBe(416);
  expect((await read('bytes=-0'))[0]).toBe(416);
  expect((await store.find('bucket-a', 'x'))?.sizeBytes).toBe(10);
});

test('more than a thousand keys are listed in pages, in the order of their bytes', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await open(directory.path);
  await using _server = server;
  const names = Array.from({ length: 1203 }, (_, n) => `many/${n}${n % 7 === 0 ? 'é&<"' : ''}`);
  for (const name of names) await store.put('bucket-a', name, Buffer.from('x'), 'text/plain');
  const first = await store.listKeys('bucket-a', 'many/', '');
  const second = await store.listKeys('bucket-a', 'many/', first.at(-1) ?? '');
  expect([first.length, second.length]).toEqual([1000, 203]);
  const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  expect([...first, ...second]).toEqual(names.toSorted(inBytes));
});

test('keys that look like numbers are keys', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await open(directory.path);
  await using _server = server;
  for (const key of ['007', '7', '1e3', 'true']) await store.put('bucket-a', key, Buffer.from(key), 'text/plain');
  await store.remove('bucket-a', ['007', 'true']);
  expect(await store.listKeys('bucket-a', '', '')).toEqual(['1e3', '7']);
});

test('an upload that is completed with a part that is missing, too small or out of order goes on', async () => {
  await using directory = await temporaryDirectory();
  const { server, store } = await open(directory.path);
  await using _server = server;
  const uploadId = await store.beginMultipart('bucket-a', 'big', 'text/plain');
  for (const partNumber of [1, 2]) {
    const { url } = await store.presignPart('bucket-a', 'big', { uploadId, partNumber }, 60);
    expect((await fetch(url, { method: 'PUT', body: 'small' })).status).toBe(200);
  }
  const there = await store.listParts('bucket-a', 'big', uploadId);
  const [one, two] = there;
  if (!one || !two) throw new Error('Two parts were sent.');
  const missing = { partNumber: 3, etag: one.etag, sizeBytes: 5 };
  for (const parts of [[one, missing], [two, one], [{ ...one, etag: 'x' }], [one, two]]) {
    await expect(store.completeMultipart('bucket-a', 'big', uploadId, parts)).rejects.toMatchObject({
      reason: 'precondition_failed',
    });
  }
  await store.completeMultipart('bucket-a', 'big', uploadId, [one]);
  expect(await store.listUploads('bucket-a', 'big')).toEqual([]);
  expect(await store.find('bucket-a', 'big')).toMatchObject({ sizeBytes: 5 });
});

test('what a killed process left half-written is gone at the next opening', async () => {
  await using directory = await temporaryDirectory();
  const first = await open(directory.path);
  await first.store.put('bucket-a', 'x', Buffer.from('x'), 'text/plain');
  await first.server[Symbol.asyncDispose]();
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(first.files, 'stray'), 'half');
  const second = await open(directory.path);
  await using _server = second.server;
  expect(await readdir(second.files)).toHaveLength(1);
  expect(await second.store.find('bucket-a', 'x')).toMatchObject({ sizeBytes: 1 });
});
