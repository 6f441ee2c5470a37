import { randomBytes, randomUUID } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLimits } from '../../server/stores/limits.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin, aWorkspace, type Signed, signIn } from '../support/people.ts';

let nexus: Nexus;
let admin: Signed;
beforeAll(async () => {
  nexus = await startNexus({ NEXUS_CALLS_PER_MINUTE: '40' });
  admin = await anAdmin(nexus.url, nexus.token);
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

test('a token beyond its calls is answered 429 with Retry-After, and no other token is', async () => {
  const workspace = await aWorkspace(nexus.url, admin);
  const { userId } = await workspace.aMember('editor');
  const [busy, calm] = [await workspace.aToken(userId), await workspace.aToken(userId)];
  const ask = (token: string, path = '/api/info') =>
    fetch(`${nexus.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  // A batch counts as the calls that are in it.
  const batch = Array.from({ length: 39 }, () => 'system.info').join(',');
  expect((await ask(busy.token, `/trpc/${batch}?batch=1&input={}`)).status).toBe(200);
  expect((await ask(busy.token)).status).toBe(200);
  for (const path of ['/api/info', '/trpc/system.info']) {
    const refused = await ask(busy.token, path);
    expect([path, refused.status]).toEqual([path, 429]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.text()).toContain('too_many_requests');
  }
  expect((await ask(calm.token)).status).toBe(200);
});

test('who mistypes a password waits, with Retry-After and not for ever, and nobody else does', async () => {
  const attempt = () =>
    fetch(`${nexus.url}/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: nexus.url },
      body: JSON.stringify({ email: admin.email.toUpperCase(), password: 'not the password' }),
    });
  for (let n = 0; n < 6; n += 1) expect((await attempt()).status).toBe(401);
  const refused = await attempt();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(2);
  // The right one has to wait as well: an answer would tell that it is right.
  expect((await signIn(nexus.url, admin.email)).status).toBe(429);
  expect((await signIn(nexus.url, `p-${randomUUID()}@example.org`)).status).toBe(401);
});

test('a wrong token is refused before its body is read, in the words of its transport', async () => {
  const refusal = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; body: unknown; headers: IncomingHttpHeaders }>((resolve, reject) => {
      const authorization = `Bearer nexus_${randomBytes(32).toString('base64url')}`;
      const sending = request(`${nexus.url}${path}`, {
        method: 'POST',
        // The rest never comes.
        headers: { authorization, 'content-type': 'application/json', 'content-length': '1000', ...headers },
      });
      sending.write('{');
      sending.on('error', reject).on('response', async (response) => {
        const body: unknown = JSON.parse(await text(response));
        sending.destroy();
        resolve({ status: response.statusCode, body, headers: response.headers });
      });
    });
  const rest = await refusal('/api/topologies');
  expect([rest.status, rest.headers['x-content-type-options']]).toEqual([401, 'nosniff']);
  expect(rest.body).toMatchObject({ title: 'unauthenticated', status: 401 });
  const trpc = await refusal('/trpc/topologies.create,topologies.list?batch=1');
  expect([trpc.status, trpc.body]).toMatchObject([401, { error: { json: { data: { reason: 'unauthenticated' } } } }]);
  // The client reads it as it reads every other refusal.
  await expect(nexus.as(`nexus_${'w'.repeat(43)}`).users.me.query()).rejects.toMatchObject({
    data: { reason: 'unauthenticated', httpStatus: 401 },
  });
});

test('strangers of one address are counted, and a valid token of that address is not held up', async () => {
  const wrong = () => fetch(`${nexus.url}/api/info`, { headers: { authorization: `Bearer nexus_${'w'.repeat(43)}` } });
  let last = 0;
  for (let round = 0; round < 60 && last !== 429; round += 1) {
    const all = await Promise.all(Array.from({ length: 25 }, wrong));
    last = all.at(-1)?.status ?? 0;
  }
  expect(last).toBe(429);
  expect((await nexus.rest('GET', '/api/info')).status).toBe(200);
});

test('servers of one Redis count together, and without one each by itself', async () => {
  await using other = await startNexus();
  const wrong = ({ url }: Nexus) =>
    fetch(`${url}/api/info`, { headers: { authorization: `Bearer nexus_${'v'.repeat(43)}` } });
  // The test before used up the calls of strangers at this address.
  expect((await wrong(nexus)).status).toBe(429);
  expect((await wrong(other)).status).toBe(process.env.REDIS_URL ? 429 : 401);
  expect((await other.rest('GET', '/api/info')).status).toBe(200);
});

test('where Redis does not answer, each server counts by itself', async () => {
  await using limits = openLimits('redis://127.0.0.1:1', pino({ level: 'silent' }));
  const limit = limits.limit(randomUUID(), 2, 60);
  expect([await limit.take('a'), await limit.take('a'), await limit.take('b')]).toEqual([0, 0, 0]);
  expect(await limit.take('a')).toBeGreaterThan(0);
});
