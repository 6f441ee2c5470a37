import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { plainError } from '../../server/watch/log.ts';
import { startEmbeddingsEndpoint } from '../support/embeddings-endpoint.ts';
import { startNexus } from '../support/nexus.ts';
import { anAdmin, aWorkspace } from '../support/people.ts';

const patient = { timeout: 20_000 };

test('beyond its bounds a server answers 503 with Retry-After at once; health, readiness and metrics still answer, and so do calls of another workspace', async () => {
  await using endpoint = await startEmbeddingsEndpoint();
  await using nexus = await startNexus({
    NEXUS_MAX_REQUESTS: '2',
    NEXUS_MAX_WAITING: '1',
    EMBEDDINGS_URL: endpoint.url,
    EMBEDDINGS_MODEL: 'test',
  });
  const other = await aWorkspace(nexus.url, await anAdmin(nexus.url, nexus.token));
  const { userId } = await other.aMember('viewer');
  const { token: theirs } = await other.aToken(userId);
  // One token has at most half of the places: this one holds it until its vector comes, and another call waits.
  endpoint.refusing.isSilent = true;
  const search = () => nexus.rest('GET', '/api/context/search?q=anything').then(({ status }) => status);
  const held = [search(), search()];
  await expect.poll(() => endpoint.requests.length, patient).toBeGreaterThan(1);
  const refused = await nexus.rest('GET', '/api/topologies');
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type')]).toEqual([
    503,
    '1',
    'application/problem+json',
  ]);
  for (const path of ['/health', '/ready', '/metrics']) expect((await nexus.rest('GET', path)).status).toBe(200);
  expect((await nexus.rest('GET', '/api/users/me', undefined, theirs)).status).toBe(200);
  await Promise.all(held);
  expect((await nexus.rest('GET', '/api/topologies')).status).toBe(200);
});

test('one caller has at most half of the streams: one too many is answered 503 with Retry-After, others and calls go on, and a place is given back', async () => {
  await using nexus = await startNexus({ NEXUS_MAX_SUBSCRIPTIONS: '4' });
  const other = await aWorkspace(nexus.url, await anAdmin(nexus.url, nexus.token));
  const { userId } = await other.aMember('viewer');
  const { token: theirs } = await other.aToken(userId);
  const closing = new AbortController();
  const open = (signal: AbortSignal, token = nexus.token) =>
    fetch(`${nexus.url}/api/context/live`, { headers: { authorization: `Bearer ${token}` }, signal });
  const first = await Promise.all([open(closing.signal), open(closing.signal)]);
  expect(first.map(({ status }) => status)).toEqual([200, 200]);
  const others = new AbortController();
  const tooMany = await open(others.signal);
  expect([tooMany.status, tooMany.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await tooMany.text()).toContain('subscriptions are open');
  expect((await open(others.signal, theirs)).status).toBe(200);
  expect((await nexus.rest('GET', '/api/topologies')).status).toBe(200);
  closing.abort();
  await expect.poll(async () => (await open(others.signal)).status, patient).toBe(200);
  others.abort();
});

test('metrics count calls by procedure and outcome, for admins only', async () => {
  await using nexus = await startNexus();
  await nexus.rest('GET', '/api/topologies/999999999');
  const text = await (await nexus.rest('GET', '/metrics')).text();
  expect(text).toContain('nexus_calls_total{procedure="topologies.get",outcome="not_found"} 1');
  expect(text).toMatch(/^nexus_outbox_lag_seconds \d/m);
  expect((await fetch(`${nexus.url}/metrics`)).status).toBe(401);
});

test('an error in the log has neither the query nor the parameters of the call', () => {
  const secret = randomUUID();
  const driver = Object.assign(new Error('duplicate key value'), { code: '23505', parameters: [secret] });
  const error = new Error(`Failed query: insert into t\nparams: ${secret}`, { cause: driver });
  const plain = JSON.stringify(plainError(Object.assign(error, { params: [secret] })));
  expect(plain).toContain('23505');
  expect(plain).not.toContain(secret);
});
