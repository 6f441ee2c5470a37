import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { networkOf } from '../../server/stores/limits.ts';
import { goodCallerMs, whileCalling } from '../support/good-caller.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin, aPassword, aWorkspace, type Signed, signIn } from '../support/people.ts';

let nexus: Nexus;
let admin: Signed;
beforeAll(async () => {
  // Each address of these tests is one that a proxy names.
  nexus = await startNexus({ NEXUS_PROXIES: '1' });
  admin = await anAdmin(nexus.url, nexus.token);
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${nexus.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: nexus.url, ...headers },
    body: JSON.stringify(body),
  });
const attempt = (email: string, password: string, address: string) =>
  post('/auth/sign-in/email', { email, password }, { 'x-forwarded-for': address });
const counted = (statuses: readonly number[]) =>
  Object.fromEntries([...new Set(statuses)].sort().map((one) => [one, statuses.filter((s) => s === one).length]));
/** Without the id of the request, which is another one each time. */
const Refusal = z.object({ title: z.string(), detail: z.string(), status: z.number() });
const aNewPerson = async () => (await aWorkspace(nexus.url, admin)).aMember('viewer');

test('of 300 guesses at once, no more are looked at than of 300 after one another', async () => {
  const { email } = await aNewPerson();
  const guesses = Array.from({ length: 300 }, (_, at) => (at === 150 ? aPassword : `wrong guess ${at}`));
  const statuses = await Promise.all(guesses.map(async (one) => (await attempt(email, one, '192.0.2.1')).status));
  const { 401: looked = 0, 429: refused = 0, ...others } = counted(statuses);
  expect(others).toEqual({});
  expect(looked).toBeLessThanOrEqual(6);
  expect(looked + refused).toBe(300);
  // The person signs in from elsewhere.
  expect((await attempt(email, aPassword, '192.0.2.2')).status).toBe(200);
});

test('of 300 guesses at the present password of who is signed in, as many', async () => {
  const { email } = await aNewPerson();
  const { cookie } = await signIn(nexus.url, email);
  const change = async (currentPassword: string) => {
    const body = { currentPassword, newPassword: 'another good one' };
    return (await post('/auth/change-password', body, { cookie, 'x-forwarded-for': '192.0.2.3' })).status;
  };
  const guesses = Array.from({ length: 300 }, (_, at) => (at === 150 ? aPassword : `wrong guess ${at}`));
  const { 400: looked = 0, 429: refused = 0, ...others } = counted(await Promise.all(guesses.map(change)));
  expect(others).toEqual({});
  expect(looked).toBeLessThanOrEqual(6);
  expect(looked + refused).toBe(300);
});

test('a guess that nobody looked at costs the person nothing', async () => {
  const { email } = await aNewPerson();
  for (let n = 0; n < 20; n += 1) {
    // Longer than any password is: refused before it is hashed.
    expect((await attempt(email, 'x'.repeat(200), '192.0.2.4')).status).toBe(400);
  }
  expect((await attempt(email, aPassword, '192.0.2.4')).status).toBe(200);
});

test('300 strangers who sign in hold up nobody, and those for whom there is no place learn it at once', async () => {
  const { email } = await aNewPerson();
  const strangers = () =>
    Promise.all(
      Array.from({ length: 300 }, async (_, at) => {
        const response = await attempt(at % 2 === 0 ? email : `p-${at}@example.org`, 'guessed', `198.51.100.${at}`);
        return { status: response.status, retryAfter: response.headers.get('retry-after') };
      }),
    );
  let answers: Awaited<ReturnType<typeof strangers>> = [];
  const good = await whileCalling(
    () => nexus.rest('GET', '/api/users/me'),
    async () => {
      answers = await strangers();
    },
  );
  expect(counted(good.statuses)).toEqual({ 200: good.statuses.length });
  expect(good.slowestMs).toBeLessThan(goodCallerMs);
  const { 401: looked = 0, 503: refused = 0, ...others } = counted(answers.map(({ status }) => status));
  expect(others).toEqual({});
  expect([looked > 0, refused > 0, looked + refused]).toEqual([true, true, 300]);
  expect(answers.filter(({ status, retryAfter }) => status === 503 && retryAfter === null)).toEqual([]);
  // And it is soon over.
  expect((await attempt(email, aPassword, '192.0.2.5')).status).toBe(200);
});

test('one address does not take the places of the others', async () => {
  const { email } = await aNewPerson();
  const flood = Promise.all(
    Array.from(
      { length: 40 },
      async (_, at) => (await attempt(`p-${at}@example.org`, 'guessed', '203.0.113.1')).status,
    ),
  );
  const own = attempt(email, aPassword, '203.0.113.2');
  const { 401: looked = 0, 429: refused = 0, ...others } = counted(await flood);
  expect([others, looked > 0, refused > 0]).toEqual([{}, true, true]);
  expect((await own).status).toBe(200);
});

test('an invitation that is not there is refused before its password costs anything', async () => {
  const accept = () =>
    post('/api/invitations/accept', { token: `invite_${randomBytes(32).toString('base64url')}`, password: aPassword });
  const answers = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const response = await accept();
      return { status: response.status, detail: Refusal.parse(await response.json()).detail };
    }),
  );
  const { 404: looked = 0, 503: refused = 0, ...others } = counted(answers.map(({ status }) => status));
  expect([others, looked > 0, looked + refused]).toEqual([{}, true, 300]);
  // Hashing each password would have run out of places for sign-ins, and not of those for requests alone.
  const full = answers.filter(
    ({ status, detail }) => status === 503 && !detail.includes('requests without a credential'),
  );
  expect(full).toEqual([]);
});

test('an address that is known and one that is not cost the same work and get the same answer', async () => {
  const { email } = await aNewPerson();
  const answers = await Promise.all(
    [email, 'nobody@example.org'].map(async (one, at) => {
      const response = await attempt(one, 'not the password', `192.0.2.${20 + at}`);
      return [response.status, Refusal.parse(await response.json())];
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
});

test('what is no JSON object is refused, so that nobody is asked for who is not counted', async () => {
  for (const [type, body] of [
    ['application/x-www-form-urlencoded', `email=${admin.email}&password=${aPassword}`],
    ['application/json', '[]'],
    ['application/json', 'null'],
  ]) {
    const headers = { 'content-type': type ?? '', origin: nexus.url };
    const response = await fetch(`${nexus.url}/auth/sign-in/email`, { method: 'POST', headers, body });
    expect([type, response.status]).toEqual([type, 400]);
  }
});

test('an address of IPv6 counts as its network', () => {
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(networkOf('2001:0DB8:0:0:1:2:3:4')).toBe(networkOf('2001:db8::9'));
  expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8::1'));
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect([networkOf('192.0.2.1'), networkOf(undefined)]).toEqual(['192.0.2.1', 'unknown']);
});
