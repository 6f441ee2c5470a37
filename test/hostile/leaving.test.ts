import postgres from 'postgres';
import { expect, test } from 'vitest';
import { startNexus } from '../support/nexus.ts';

const url = process.env.DATABASE_URL;

test.runIf(url)('whoever leaves takes along what ran for them, by tRPC and by REST, plain and in a batch', async () => {
  await using nexus = await startNexus();
  const own = postgres(url ?? '', { max: 2, onnotice: () => undefined });
  const waiting = async () => {
    const [row] = await own`select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%"topologies"%'`;
    return Number(row?.count);
  };
  const holding = Promise.withResolvers<void>();
  const isHeld = Promise.withResolvers<void>();
  const held = own.begin(async (tx) => {
    await tx`lock table topologies in access exclusive mode`;
    isHeld.resolve();
    await holding.promise;
  });
  await isHeld.promise;
  const batch = encodeURIComponent(JSON.stringify({ 0: { json: {} }, 1: { json: {} } }));
  const paths = [
    '/api/topologies',
    `/trpc/topologies.list?input=${encodeURIComponent(JSON.stringify({ json: {} }))}`,
    `/trpc/topologies.list,topologies.list?batch=1&input=${batch}`,
  ];
  try {
    for (const path of paths) {
      const leaving = new AbortController();
      const headers = { authorization: `Bearer ${nexus.token}` };
      const call = fetch(`${nexus.url}${path}`, { headers, signal: leaving.signal }).catch((error: unknown) => error);
      await expect.poll(waiting, { timeout: 5_000 }).toBeGreaterThan(0);
      leaving.abort();
      await call;
      await expect.poll(waiting, { timeout: 5_000 }).toBe(0);
    }
  } finally {
    holding.resolve();
    await held;
    await own.end();
  }
  expect(
    (await fetch(`${nexus.url}/api/topologies`, { headers: { authorization: `Bearer ${nexus.token}` } })).status,
  ).toBe(200);
});
