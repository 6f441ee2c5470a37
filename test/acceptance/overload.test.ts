import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { plainError } from '../../server/watch/log.ts';
import { startNexus } from '../support/nexus.ts';

const patient = { timeout: 20_000 };

/** A request that has begun and whose body does not come. */
function unfinished(url: string, token: string) {
  const sending = request(`${url}/api/topologies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-length': 100 },
  });
  sending.on('error', () => undefined);
  sending.write('{');
  return sending;
}

test('beyond its bounds a server answers 503 with Retry-After at once; health, readiness and metrics still answer', async () => {
  await using nexus = await startNexus({ NEXUS_MAX_REQUESTS: '2', NEXUS_MAX_WAITING: '1' });
  const open = [1, 2, 3].map(() => unfinished(nexus.url, nexus.token));
  await expect.poll(() => nexus.rest('GET', '/api/topologies').then(({ status }) => status), patient).toBe(503);
  const refused = await nexus.rest('GET', '/api/topologies');
  expect([refused.headers.get('retry-after'), refused.headers.get('content-type')]).toEqual([
    '1',
    'application/problem+json',
  ]);
  for (const path of ['/health', '/ready', '/metrics']) expect((await nexus.rest('GET', path)).status).toBe(200);
  for (const one of open) one.destroy();
  await expect.poll(() => nexus.rest('GET', '/api/topologies').then(({ status }) => status), patient).toBe(200);
});

test('subscriptions are bounded by themselves: one too many is answered 503 with Retry-After, calls go on, and a place is given back', async () => {
  await using nexus = await startNexus({ NEXUS_MAX_SUBSCRIPTIONS: '2' });
  const closing = new AbortController();
  const open = (signal: AbortSignal) =>
    fetch(`${nexus.url}/api/context/live`, { headers: { authorization: `Bearer ${nexus.token}` }, signal });
  const first = await Promise.all([open(closing.signal), open(closing.signal)]);
  expect(first.map(({ status }) => status)).toEqual([200, 200]);
  const other = new AbortController();
  const tooMany = await open(other.signal);
  expect([tooMany.status, tooMany.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await tooMany.text()).toContain('2 subscriptions open');
  expect((await nexus.rest('GET', '/api/topologies')).status).toBe(200);
  closing.abort();
  await expect.poll(async () => (await open(other.signal)).status, patient).toBe(200);
  other.abort();
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
