import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../server/config.ts';
import { type OpenStores, openStores } from '../../server/stores/addresses.ts';
import { inNameOf } from '../../server/stores/callers.ts';
import { rows } from '../../server/stores/postgres.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let stores: OpenStores;
beforeAll(async () => {
  directory = await temporaryDirectory();
  const config = readConfig({ ...process.env, NEXUS_DATA_DIR: directory.path, NEXUS_POOL_MAX: '6' });
  stores = await openStores(config, undefined, 4_000);
});
afterAll(async () => {
  await stores[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const onServer = process.env.DATABASE_URL !== undefined;
const Active = z.object({ count: z.number() });
const runningOf = async (marker: string) => {
  const query = sql`select count(*)::float8 as count from pg_stat_activity
    where state = 'active' and pid <> pg_backend_pid() and query like ${`%${marker}%`}`;
  return (await rows(stores.postgres.db, query, Active))[0]?.count ?? 0;
};

test.runIf(onServer)('a workspace never has the whole pool, and others go past what it has waiting', async () => {
  const signal = { aborted: false };
  const marker = randomUUID();
  const attack = Array.from({ length: 40 }, () =>
    inNameOf({ workspaceId: 1, signal }, async () => {
      await stores.postgres.db.execute(sql.raw(`select pg_sleep(60) /* ${marker} */`));
    }),
  );
  const settled = Promise.allSettled(attack);
  await expect.poll(() => runningOf(marker), { timeout: 5_000 }).toBeGreaterThan(1);
  for (const workspaceId of [2, 3, 2, 3]) {
    const answered = await inNameOf({ workspaceId, signal: undefined }, () =>
      Promise.all([
        rows(stores.postgres.db, sql`select 1::float8 as count`, Active),
        stores.postgres.db.transaction((tx) => rows(tx, sql`select 1::float8 as count`, Active)),
      ]),
    );
    expect(answered.flat()).toEqual([{ count: 1 }, { count: 1 }]);
  }
  expect(await runningOf(marker)).toBeLessThan(6);
  // Those that run are canceled, and those that wait never begin.
  signal.aborted = true;
  for (const one of await settled) expect(one.status).toBe('rejected');
  await expect.poll(() => runningOf(marker), { timeout: 5_000 }).toBe(0);
});

test.runIf(onServer)('a transaction of a caller who left is rolled back, and its connection goes on', async () => {
  const signal = { aborted: false };
  const marker = randomUUID();
  const work = inNameOf({ workspaceId: 1, signal }, () =>
    stores.postgres.db.transaction(async (tx) => {
      await tx.execute(sql`create table left_behind (id int)`);
      await tx.execute(sql.raw(`select pg_sleep(60) /* ${marker} */`));
    }),
  );
  const settled = Promise.allSettled([work]);
  await expect.poll(() => runningOf(marker), { timeout: 5_000 }).toBe(1);
  signal.aborted = true;
  expect((await settled)[0]).toMatchObject({ status: 'rejected' });
  const there = sql`select count(*)::float8 as count from pg_class where relname = 'left_behind'`;
  expect(await rows(stores.postgres.db, there, Active)).toEqual([{ count: 0 }]);
});

test.runIf(onServer)('a statement ends with the time that its pool gives it', async () => {
  const marker = randomUUID();
  const work = stores.postgres.db.execute(sql.raw(`select pg_sleep(60) /* ${marker} */`));
  await expect(work).rejects.toMatchObject({ cause: { code: '57014' } });
  await expect.poll(() => runningOf(marker), { timeout: 5_000 }).toBe(0);
});

test('workspaces take turns, however much one of them has waiting', async () => {
  const order: number[] = [];
  const ask = (workspaceId: number) =>
    inNameOf({ workspaceId, signal: undefined }, async () => {
      await rows(stores.postgres.db, sql`select 1::float8 as count from generate_series(1, 20000) limit 1`, Active);
      order.push(workspaceId);
    });
  const first = Array.from({ length: 200 }, () => ask(1));
  const second = Array.from({ length: 3 }, () => ask(2));
  await Promise.all([...first, ...second]);
  expect(order.lastIndexOf(2)).toBeLessThan(100);
});
