import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openObjects } from '../../server/stores/objects.ts';
import type { ObjectsAddress } from '../../server/stores/s3-client.ts';
import { addressOf } from '../support/object-domain.ts';
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
