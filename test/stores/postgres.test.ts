import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { eq, sql } from 'drizzle-orm';
import postgres from 'postgres';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { workspaces } from '../../drizzle/schema/index.ts';
import { light } from '../../server/stores/light-query.ts';
import { openPostgres, type PostgresAddress, rows, translatePostgresError } from '../../server/stores/postgres.ts';
import { isLossOfDriver } from '../../server/stores/postgres-connection.ts';
import { startLoopbackProxy } from '../support/loopback-proxy.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const migrations = fileURLToPath(new URL('../../drizzle/migrations', import.meta.url));
const Journal = z.looseObject({ entries: z.array(z.looseObject({ when: z.number(), tag: z.string() })) });
const url = process.env.DATABASE_URL;

const addressIn = (directory: string): PostgresAddress =>
  url
    ? { kind: 'server', url, pool: { max: 20, idleSeconds: 30, connectSeconds: 2 } }
    : { kind: 'embedded', directory };

async function openStore() {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const store = opened.use(await openPostgres(addressIn(directory.path)));
  await store.migrate();
  const closing = opened.move();
  return { ...store, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

const unique = () => `w-${crypto.randomUUID()}`.slice(0, 60);
const Echo = z.object({ n: z.number(), text: z.string() });

describe('whatever carries Postgres', () => {
  test('answers 3,000 concurrent parameterised reads with their own rows', async () => {
    await using store = await openStore();
    const answers = await Promise.all(
      Array.from({ length: 3000 }, (_, n) =>
        rows(store.db, sql`select ${n}::int as n, ${`text ${n}`}::text as text`, Echo),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 3000 }, (_, n) => [{ n, text: `text ${n}` }]));
  });

  test('on a server, a statement that comes again is prepared once, in a transaction too', async () => {
    await using store = await openStore();
    const Counted = z.object({ count: z.number() });
    const counted = await store.db.transaction(async (tx) => {
      for (let n = 0; n < 5; n += 1) await tx.execute(sql`select ${n}::int as comes_again`);
      return rows(
        tx,
        sql`select count(*)::int as count from pg_prepared_statements where statement like '%as comes_again'`,
        Counted,
      );
    });
    expect(counted).toEqual([{ count: url ? 1 : 0 }]);
  });

  test('isolates 200 concurrent transactions: no increment is lost', async () => {
    await using store = await openStore();
    const name = unique();
    await store.db.insert(workspaces).values({ name, objectPrefix: `${name}/` });
    const [{ id } = { id: 0 }] = await store.db.select().from(workspaces).where(eq(workspaces.name, name));
    await Promise.all(
      Array.from({ length: 200 }, () =>
        store.db.transaction(async (tx) => {
          const [row] = await tx.select().from(workspaces).where(eq(workspaces.id, id)).for('update');
          const count = row?.createdBy ?? 0;
          await tx
            .update(workspaces)
            .set({ createdBy: count + 1 })
            .where(eq(workspaces.id, id));
        }),
      ),
    );
    const [after] = await store.db.select().from(workspaces).where(eq(workspaces.id, id));
    expect(after?.createdBy).toBe(200);
  });

  test('an error in the middle of a transaction blocks nobody and leaves nothing', async () => {
    await using store = await openStore();
    const name = unique();
    const work = Array.from({ length: 20 }, (_, n) =>
      n % 2
        ? rows(store.db, sql`select ${n}::int as n, 'x' as text`, Echo)
        : store.db.transaction(async (tx) => {
            await tx.insert(workspaces).values({ name: `${name.slice(0, 50)}-${n}`, objectPrefix: `${name}-${n}/` });
            await tx.execute(sql`select 1 / 0`);
          }),
    );
    const results = await Promise.allSettled(work);
    expect(results.map((result) => result.status)).toEqual(results.map((_, n) => (n % 2 ? 'fulfilled' : 'rejected')));
    expect(await store.db.$count(workspaces, sql`name like ${`${name.slice(0, 50)}-%`}`)).toBe(0);
  });

  test('a transaction that waits for itself fails clearly instead of hanging', async () => {
    await using store = await openStore();
    await expect(
      store.db.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        await store.db.select().from(workspaces);
      }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('A transaction waits for itself') } });
    expect(await rows(store.db, sql`select 1::int as n, 'on' as text`, Echo)).toEqual([{ n: 1, text: 'on' }]);
  });
});

/** The migrations that were there before one of them. */
async function migrationsBefore(tag: string) {
  const old = await temporaryDirectory();
  await cp(migrations, old.path, { recursive: true });
  const journal = Journal.parse(JSON.parse(await readFile(`${old.path}/meta/_journal.json`, 'utf8')));
  const count = journal.entries.findIndex((entry) => entry.tag.endsWith(tag));
  if (count < 1) throw new Error(`No migration is ${tag}.`);
  const entries = journal.entries.slice(0, count);
  await writeFile(`${old.path}/meta/_journal.json`, JSON.stringify({ ...journal, entries }));
  return old;
}

// On a shared real database an older schema cannot be had; the embedded one makes its own.
describe('migrations', () => {
  test('bring a fresh database, and an older, filled one, to the same schema', async () => {
    await using directory = await temporaryDirectory();
    await using old = await migrationsBefore('0002_search_indexes');
    await using store = await openPostgres({ kind: 'embedded', directory: `${directory.path}/older` });
    await store.migrate(old.path);
    // As text: what the program knows of the tables is newer than these.
    await store.db.execute(sql`insert into workspaces (name, object_prefix) values ('kept', 'kept/')`);
    const shape = sql`
      select 0 as n, table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as text
      from information_schema.columns where table_schema = 'public'
      union all select 0, indexdef from pg_indexes where schemaname = 'public'
      union all select 0, conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
      order by text`;
    await using fresh = await openPostgres({ kind: 'embedded', directory: `${directory.path}/fresh` });
    await fresh.migrate();
    const wanted = await rows(fresh.db, shape, Echo);
    expect(wanted.length).toBeGreaterThan(100);
    expect(await rows(store.db, shape, Echo)).not.toEqual(wanted);
    await store.migrate();
    await store.migrate();
    expect(await rows(store.db, shape, Echo)).toEqual(wanted);
    expect(await store.db.$count(workspaces, eq(workspaces.name, 'kept'))).toBe(1);
  });

  test('leave no whole hash with an object of which only the parts were checked, nor with what was read from it', async () => {
    await using directory = await temporaryDirectory();
    await using old = await migrationsBefore('_object-hashes');
    await using store = await openPostgres({ kind: 'embedded', directory: `${directory.path}/older` });
    await store.migrate(old.path);
    const [whole, parts] = ['a'.repeat(64), 'b'.repeat(64)];
    const mebibyte = 1024 * 1024;
    await store.db.execute(sql`insert into workspaces (name, object_prefix) values ('kept', 'kept/')`);
    await store.db.execute(sql`insert into datasets (workspace_id, name)
      select id, 'files' from workspaces where name = 'kept'`);
    for (const [name, sizeBytes, partsSha256] of [
      ['small', mebibyte, null],
      ['read whole', 20 * mebibyte, null],
      ['checked in parts', 20 * mebibyte, parts],
    ] as const) {
      await store.db.execute(sql`with object as (
        insert into stored_objects (workspace_id, kind, bucket, key, stored_bucket, stored_key, size_bytes, sha256, parts_sha256,
          content_type, status, completed_at)
        select id, 'dataset_file', 'b', ${name}, 'b', ${name}, ${sizeBytes}, ${whole}, ${partsSha256}, 'text/plain', 'ready', now()
        from workspaces where name = 'kept' returning *)
        insert into dataset_ingests (workspace_id, dataset_id, object_id, object_key, object_sha256, size_bytes, status)
        select o.workspace_id, d.id, o.id, o.key, o.sha256, o.size_bytes, 'failed' from object o join datasets d using (workspace_id)`);
    }
    await store.db.execute(sql`insert into dataset_ingests (workspace_id, dataset_id, object_id, object_key, object_sha256, size_bytes, status)
      select workspace_id, id, gen_random_uuid(), 'gone', ${whole}, ${20 * mebibyte}, 'failed' from datasets`);
    await store.migrate();
    const hashes = z.object({ key: z.string(), sha256: z.string().nullable(), parts: z.string().nullable() });
    const ofObjects = sql`select key, sha256, parts_sha256 as parts from stored_objects`;
    const known = [
      { key: 'checked in parts', sha256: null, parts },
      { key: 'read whole', sha256: whole, parts: null },
      { key: 'small', sha256: whole, parts: null },
    ];
    const inOrder = (found: z.infer<typeof hashes>[]) => found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    expect(inOrder(await rows(store.db, ofObjects, hashes))).toEqual(known);
    const ofIngests = sql`select object_key as key, object_sha256 as sha256, object_parts_sha256 as parts from dataset_ingests`;
    expect(inOrder(await rows(store.db, ofIngests, hashes))).toEqual(
      inOrder([...known, { key: 'gone', sha256: null, parts: null }]),
    );
  });

  test('a schema newer than the program is refused', async () => {
    await using directory = await temporaryDirectory();
    await using old = await temporaryDirectory();
    await using store = await openPostgres({ kind: 'embedded', directory: `${directory.path}/older` });
    await store.migrate();
    await cp(migrations, old.path, { recursive: true });
    const journal = Journal.parse(JSON.parse(await readFile(`${old.path}/meta/_journal.json`, 'utf8')));
    await writeFile(
      `${old.path}/meta/_journal.json`,
      JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }),
    );
    await rm(`${old.path}/0001_initial.sql`);
    await expect(store.migrate(old.path)).rejects.toThrow('newer than this server');
  });
});

// The embedded PostgreSQL has no connection to lose.
test.each(url ? ['ends', 'fails'] : [])(
  'work of a transaction whose connection was lost touches nobody else’s, though it %s later',
  async (how) => {
    await using opened = new AsyncDisposableStack();
    const pool = { max: 1, idleSeconds: 30, connectSeconds: 2 };
    const store = opened.use(await openPostgres({ kind: 'server', url: url ?? '', pool }));
    const other = opened.use(await openStore());
    const name = unique();
    const reached = Promise.withResolvers<number>();
    const goesOn = Promise.withResolvers<void>();
    const later = Promise.withResolvers<unknown>();
    const lost = store.db.transaction(async (tx) => {
      const [row] = await rows(tx, sql`select pg_backend_pid() as pid`, z.object({ pid: z.int() }));
      reached.resolve(row?.pid ?? 0);
      await goesOn.promise;
      later.resolve(await tx.execute(sql`delete from workspaces where name = ${name}`).then(String, (error) => error));
      if (how === 'fails') throw new Error('It fails later.');
    });
    const isLost = expect(lost).rejects.toThrow();
    await other.db.execute(sql`select pg_terminate_backend(${await reached.promise})`);
    await isLost;
    const undone = store.db.transaction(async (tx) => {
      await tx.insert(workspaces).values({ name, objectPrefix: `${name}/` });
      goesOn.resolve();
      expect(await later.promise).toBeInstanceOf(Error);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await tx.select().from(workspaces).where(eq(workspaces.name, name))).toHaveLength(1);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await other.db.select().from(workspaces).where(eq(workspaces.name, name))).toEqual([]);
    expect(await rows(store.db, sql`select 1 as one`, z.object({ one: z.int() }))).toEqual([{ one: 1 }]);
  },
);

test.each(url ? ['lost'] : [])(
  'a connection %s while postgres.js asks it for types is no fault of the program',
  async () => {
    await using opened = new AsyncDisposableStack();
    const proxy = opened.use(await startLoopbackProxy(Number(new URL(url ?? '').port)));
    const through = new URL(url ?? '');
    through.port = String(proxy.port);
    const thrown = Promise.withResolvers<Error>();
    // Vitest counts what nobody catches as a failure: for this once it goes where the program's own handler would have it.
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.once('unhandledRejection', (error) =>
      thrown.resolve(error instanceof Error ? error : new Error(String(error))),
    );
    opened.defer(() => {
      for (const one of others) process.on('unhandledRejection', one);
    });
    const client = postgres(through.href, {
      max: 1,
      backoff: () => 0.1,
      debug: (_id, query) => {
        if (query.includes('typarray')) setImmediate(() => proxy.reset());
      },
    });
    opened.defer(() => client.end({ timeout: 0 }));
    void client`select 1`.catch(() => undefined);
    expect(isLossOfDriver(await thrown.promise)).toBe(true);
    expect(isLossOfDriver(new Error('another'))).toBe(false);
  },
);

// The embedded PostgreSQL has one connection, which cannot be away.
test.each(url ? ([{ kind: 'cut' }, { kind: 'hold' }] as const) : [])(
  'quick statements follow one another on few connections, fail while PostgreSQL is away ($kind) and work when it is back',
  async (trouble) => {
    await using opened = new AsyncDisposableStack();
    const proxy = opened.use(await startLoopbackProxy(Number(new URL(url ?? '').port)));
    const through = new URL(url ?? '');
    through.port = String(proxy.port);
    const pool = { max: 20, idleSeconds: 30, connectSeconds: 2 };
    const store = opened.use(await openPostgres({ kind: 'server', url: through.href, pool }));
    const Backend = z.object({ pid: z.int() });
    const ask = () => rows(store.quick, sql`select pg_backend_pid() as pid`, Backend);
    const answers = await Promise.all(Array.from({ length: 200 }, ask));
    expect(new Set(answers.flat().map(({ pid }) => pid)).size).toBeLessThanOrEqual(4);
    proxy.set(trouble);
    await expect(ask()).rejects.toSatisfy((error) => translatePostgresError(error)?.reason === 'unavailable');
    proxy.set({ kind: 'pass' });
    await expect.poll(() => ask().then((found) => found.length, String), { timeout: 20_000 }).toBe(1);
  },
);

test.each(url ? ['select'] : [])(
  'a %s hands over its rows or its failure once, and keeps neither them nor its parameters',
  async () => {
    await using opened = new AsyncDisposableStack();
    const client = postgres(url ?? '', { max: 1 });
    opened.defer(() => client.end({ timeout: 0 }));
    const query = light(client.unsafe('select $1::text as word', ['kept by nobody']));
    expect([...(await query)]).toEqual([{ word: 'kept by nobody' }]);
    expect(query).toMatchObject({ args: [], parameters: [] });
    await expect((async () => query)()).rejects.toThrow('before it is settled');
    const values = light(client.unsafe('select $1::int4 as one', [1])).values();
    expect([...(await values)]).toEqual([[1]]);
    await expect(light(client.unsafe('select 1 / $1::int4', [0]))).rejects.toMatchObject({ code: '22012' });
    await client
      .begin(async (tx) => {
        await expect(light(tx.unsafe('select nothing'))).rejects.toMatchObject({ code: '42703' });
      })
      .catch((error: unknown) => expect(error).toMatchObject({ code: '42703' }));
  },
);
