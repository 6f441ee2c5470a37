import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { join } from 'node:path';
import aws4 from 'aws4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openObjects, type UploadPage } from '../../server/stores/objects.ts';
import type { ObjectsAddress } from '../../server/stores/s3-client.ts';
import { addressOf, sha256Of } from '../support/object-domain.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let opened: AsyncDisposableStack;
let address: ObjectsAddress;
beforeAll(async () => {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  address = await addressOf(stack, join(directory.path, 's3'));
  opened = stack.move();
});
afterAll(async () => opened.disposeAsync());

test.each([
  ['the access key', { accessKey: 'nobody' }, 'S3_ACCESS_KEY; correct it'],
  ['the secret key', { secretKey: 'wrong' }, 'S3_SECRET_KEY is not that of S3_ACCESS_KEY'],
  ['the endpoint', { endpoint: 'http://127.0.0.1:1' }, 'correct S3_ENDPOINT'],
  ['the region', { region: 'mars-north-1' }, 'S3_REGION is "mars-north-1", but the store is in "us-east-1"'],
])('a start with %s wrong says in one line what to change', async (_what, wrong, remedy) => {
  const error: unknown = await openObjects({ ...address, ...wrong })
    .prepare([`start-${randomUUID()}`])
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason: 'unavailable' });
  expect(String(error)).toContain(remedy);
  expect(String(error)).not.toMatch(/[\n&]/);
  expect(String(error)).not.toContain(address.secretKey);
});

test('pages of any origin may send and read by URL, and see what the client needs of an answer', async () => {
  const bucket = `pages-${randomUUID()}`;
  const store = openObjects(address);
  await store.prepare([bucket]);
  await store.allowBrowsers(bucket);
  const origin = 'https://page.example';
  const asked = {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type,x-amz-checksum-sha256',
  };
  const { url, headers } = await store.presignPut(bucket, 'a', 60);
  const preflight = await fetch(url, { method: 'OPTIONS', headers: asked });
  expect(preflight.ok).toBe(true);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('x-amz-checksum-sha256');
  const put = await fetch(url, { method: 'PUT', headers: { ...headers, origin }, body: 'x' });
  const get = await fetch(await store.presignGet(bucket, 'a', 60), { headers: { origin, range: 'bytes=0-0' } });
  expect([put.status, get.status]).toEqual([200, 206]);
  for (const { headers: answered } of [preflight, put, get]) {
    expect(['*', origin]).toContain(answered.get('access-control-allow-origin'));
  }
  expect(put.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('retry-after');
  expect(get.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('content-range');
});

test('rules that a bucket has are not set again', async () => {
  const bucket = `rules-${randomUUID()}`;
  const store = openObjects(address);
  await store.prepare([bucket]);
  const first = await store.allowBrowsers(bucket);
  expect(await store.allowBrowsers(bucket)).toBe(first === 'set' ? 'kept' : 'refused');
});

test('a URL ends with its time and with every change of it, and whoever has it reaches nothing else', async () => {
  const bucket = `urls-${randomUUID()}`;
  const store = openObjects(address);
  await store.prepare([bucket]);
  await store.put(bucket, 'mine', Buffer.from('mine'), 'text/plain');
  await store.put(bucket, 'theirs', Buffer.from('theirs'), 'text/plain');
  const [get, { url: put }] = [await store.presignGet(bucket, 'mine', 60), await store.presignPut(bucket, 'mine', 60)];
  expect(await (await fetch(get)).text()).toBe('mine');
  const { host } = new URL(address.endpoint);
  // Signed as it should be, an hour before it ended.
  const at = new Date(Date.now() - 3_660_000).toISOString().replace(/[-:]|\.\d+/g, '');
  const path = `/${bucket}/mine?X-Amz-Date=${at}&X-Amz-Expires=60`;
  const { accessKey: accessKeyId, secretKey: secretAccessKey, region } = address;
  const signed = aws4.sign(
    { service: 's3', region, method: 'GET', host, path, headers: {}, signQuery: true },
    { accessKeyId, secretAccessKey },
  );
  for (const [method, url] of [
    ['GET', `${address.endpoint}${signed.path}`],
    ['GET', get.replace('/mine?', '/theirs?')],
    ['GET', get.replace('X-Amz-Expires=60', 'X-Amz-Expires=604800')],
    ['GET', `${get}&response-content-type=text%2Fhtml`],
    ['GET', get.replace(/X-Amz-Signature=.*/, '')],
    ['PUT', get],
    ['PUT', put.replace('/mine?', '/theirs?')],
    ['PUT', put.replace(/X-Amz-Signature=./, 'X-Amz-Signature=x')],
    ['DELETE', put],
  ] as const) {
    const answer = await fetch(url, { method, ...(method === 'PUT' && { body: 'other' }) });
    expect([400, 401, 403], `${method} ${url}`).toContain(answer.status);
    await answer.arrayBuffer();
  }
  expect(await (await fetch(get)).text()).toBe('mine');
  expect(await (await fetch(await store.presignGet(bucket, 'theirs', 60))).text()).toBe('theirs');
});

test('a body of another length or other bytes than were signed is refused, whole or as a part, and nothing of it is kept', async () => {
  const bucket = `bodies-${randomUUID()}`;
  const store = openObjects(address);
  await store.prepare([bucket]);
  expect(store.checksBodies).toBe(true);
  const bytes = new Uint8Array(1024);
  const gibibyte = 1024 ** 3;
  const wrong = [
    { sizeBytes: gibibyte, sha256: sha256Of(bytes) },
    { sizeBytes: bytes.length, sha256: sha256Of(new Uint8Array(1)) },
  ];
  const uploadId = await store.beginMultipart(bucket, 'parts', 'text/plain', { hasSha256: true });
  for (const body of wrong) {
    const whole = await store.presignPut(bucket, 'whole', 60, body);
    const part = await store.presignPart(bucket, 'parts', { uploadId, partNumber: 1 }, 60, body);
    for (const { url, headers } of [whole, part]) {
      expect([400, 403]).toContain((await fetch(url, { method: 'PUT', headers, body: bytes })).status);
    }
  }
  expect(await store.find(bucket, 'whole')).toBeUndefined();
  expect(await store.listParts(bucket, 'parts', uploadId)).toEqual([]);
  const { url, headers } = await store.presignPut(bucket, 'whole', 60, { sizeBytes: 1024, sha256: sha256Of(bytes) });
  expect((await fetch(url, { method: 'PUT', headers, body: bytes })).status).toBe(200);
});

test('a removal of many tells what the store did not remove, though it answered 200, and what was not there is removed', async () => {
  const bucket = `many-${randomUUID()}`;
  const store = openObjects(address);
  await store.prepare([bucket]);
  const keys = ['a/1', 'a/ü & <"é">\'', 'a/007'];
  for (const key of keys) await store.put(bucket, key, Buffer.from('x'), 'text/plain');
  expect(await store.remove(bucket, [...keys, 'a/none'])).toEqual([]);
  expect(await store.remove(bucket, ['a/none'])).toEqual([]);
  expect(await store.listKeys(bucket, '', '')).toEqual([]);

  const failed = (key: string, code: string) =>
    `<Error><Key>${key}</Key><Code>${code}</Code><Message>no</Message></Error>`;
  const answers = [
    failed('a/007', 'AccessDenied') + failed('a/1', 'NoSuchKey'),
    failed('a/&#252; &amp; &lt;&#34;&#233;&#34;&gt;&#39;', 'InternalError'),
    failed('another', 'SlowDown'),
    '',
  ];
  await using troubled = await aStoreThatAnswers(() => `<DeleteResult>${answers.shift()}</DeleteResult>`);
  const { endpoint } = troubled;
  const other = openObjects({ ...address, endpoint });
  expect(await other.remove(bucket, keys)).toEqual([{ key: 'a/007', code: 'AccessDenied' }]);
  expect((await other.remove(bucket, keys)).map(({ code }) => code)).toContain('InternalError');
  // Which of them it is cannot be told.
  expect((await other.remove(bucket, keys)).map(({ key }) => key)).toEqual(keys);
  expect(await other.remove(bucket, keys)).toEqual([]);
});

test('multipart uploads of every key are listed, page after page, each once', async () => {
  const bucket = `uploads-${randomUUID()}`;
  const store = openObjects(address);
  await store.prepare([bucket]);
  const keys = Array.from({ length: 1_020 }, (_, n) => `a/ü ${n % 1_010}`);
  const begun: string[] = [];
  const left = [...keys];
  const next = async () => {
    for (let key = left.pop(); key; key = left.pop())
      begun.push(`${key} ${await store.beginMultipart(bucket, key, 'text/plain')}`);
  };
  await Promise.all(Array.from({ length: 8 }, next));
  const listed: string[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: UploadPage = await store.listAllUploads(bucket, after);
    listed.push(...page.uploads.map(({ key, uploadId }) => `${key} ${uploadId}`));
    after = page.nextAfter;
  }
  expect(listed.sort()).toEqual(begun.sort());
});

test('keys of every spelling are listed, with their uploads, and removed as they are', async () => {
  const bucket = `spelt-${randomUUID()}`;
  const store = openObjects(address);
  await store.prepare([bucket]);
  const names = [
    "🙂 (1)+&=?#!'*.bin",
    'e\u0301',
    '\u00e9',
    ' lead',
    'trail ',
    '007',
    'a%2Fb',
    '%',
    '50% +',
    '%2e%2e/x',
  ];
  const others = ['a;b:c|d', '"<>&', '&#65;', 'a\u2028b', '\ufeffbom', '\u202e rtl', '~root', '文件/ñ'];
  const keys = [...names, ...others]
    .map((name) => `k/${name}`)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of keys) {
    await store.put(bucket, key, Buffer.from(key), 'text/plain');
    expect(await store.listKeys(bucket, key, '')).toContain(key);
    const uploadId = await store.beginMultipart(bucket, key, 'text/plain');
    expect(await store.listUploads(bucket, key)).toEqual([uploadId]);
    await store.abortMultipart(bucket, key, uploadId);
  }
  expect(await store.listKeys(bucket, 'k/', '')).toEqual(keys);
  expect(await store.listKeys(bucket, '', keys[3] ?? '')).toEqual(keys.slice(4));
  expect(await store.listSizes(bucket, '')).toEqual(keys.map((key) => ({ key, sizeBytes: Buffer.byteLength(key) })));
  // Another program may have put an object there whose key XML cannot hold.
  await store.put(bucket, 'x\uffff', Buffer.from('x'), 'text/plain');
  expect(await store.remove(bucket, [...keys, 'x\uffff'])).toEqual([]);
  expect(await store.listKeys(bucket, '', '')).toEqual([]);
});

/** A store that answers everything with 200 and a text. */
async function aStoreThatAnswers(text: () => string) {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end(text()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
