import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNexusClient } from '@topology-nexus/client';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { exportBundle } from '../../server/bundle/export.ts';
import { restoreBundle } from '../../server/bundle/restore.ts';
import { readConfig } from '../../server/config.ts';
import { openStores } from '../../server/stores/addresses.ts';
import { openPostgresFiles } from '../../server/stores/embedded/postgres.ts';
import { startNexus } from '../support/nexus.ts';
import { anAdmin, signIn } from '../support/people.ts';
import { started } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const embedded = { DATABASE_URL: '', S3_ENDPOINT: '', S3_ACCESS_KEY: '', S3_SECRET_KEY: '', COUCHDB_URL: '' };
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const quiet = () => undefined;
const unprepared = async () => undefined;

/** Paths of a folder that anybody but its owner may read, write or open. */
async function openWithin(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = [directory, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  const modes = await Promise.all(paths.map(async (path) => [path, (await stat(path)).mode] as const));
  expect(modes.length).toBeGreaterThan(1);
  return modes.filter(([, mode]) => (mode & 0o077) !== 0).map(([path, mode]) => `${path} ${mode.toString(8)}`);
}

test('a data directory that others can read is told, and is closed to them, with everything that a server makes in it', async () => {
  await using directory = await temporaryDirectory();
  const data = join(directory.path, 'data');
  await mkdir(data);
  await chmod(data, 0o755);
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { ...process.env, ...embedded, NEXUS_DATA_DIR: data, NEXUS_PORT: '0', NEXUS_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  const { url, token = '' } = await started(child);
  const client = createNexusClient({ url, token });
  await client.artifacts.upload.mutate({ name: 'a.json', data: { a: 1 } });
  await client.context.add.mutate({ type: 'note', data: 'a note' });
  await client.topologies.create.mutate({ name: 't', architecture: 'gnn', config: { long: 'x'.repeat(100_000) } });
  child.kill('SIGTERM');
  await once(child, 'close');
  expect(printed).toContain('Others could read the data directory');
  expect(await openWithin(data)).toEqual([]);
});

test('an export is its owner’s alone, directory or tar, and holds no session and no token of a provider but where it is asked for', async () => {
  await using directory = await temporaryDirectory();
  const at = (name: string) => join(directory.path, name);
  const settings = (name: string) => ({ ...embedded, NEXUS_DATA_DIR: at(name) });
  let email = '';
  {
    await using nexus = await startNexus(settings('from'));
    ({ email } = await anAdmin(nexus.url, nexus.token));
    await nexus.as(nexus.token).artifacts.upload.mutate({ name: 'a.json', data: { a: 1 } });
  }
  let session = '';
  {
    await using stores = await openStores(readConfig(settings('from')));
    const { db } = stores.postgres;
    await db.execute(sql`update auth_accounts set id_token = 'the-id-token', access_token = 'the-access-token',
      refresh_token = 'the-refresh-token', refresh_token_expires_at = now()`);
    const found = await db.query.authSessions.findFirst();
    session = found?.token ?? '';
  }
  expect(session.length).toBeGreaterThan(10);
  const secrets = [session, 'the-id-token', 'the-access-token', 'the-refresh-token'];

  const config = readConfig(settings('from'));
  // A directory that is there already is as open as it was made.
  await mkdir(at('bundle'));
  await chmod(at('bundle'), 0o777);
  await exportBundle(config, at('bundle'), quiet);
  await exportBundle(config, at('bundle.tar'), quiet);
  await exportBundle(config, at('whole.tar'), quiet, { hasSessions: true });
  expect(await openWithin(at('bundle'))).toEqual([]);
  expect([(await stat(at('bundle.tar'))).mode & 0o077, (await stat(at('whole.tar'))).mode & 0o077]).toEqual([0, 0]);
  const tar = await readFile(at('bundle.tar'), 'latin1');
  const whole = await readFile(at('whole.tar'), 'latin1');
  expect(secrets.filter((secret) => tar.includes(secret))).toEqual([]);
  expect(secrets.filter((secret) => !whole.includes(secret))).toEqual([]);
  // Those who unpack it by other means get it as closed.
  expect(tar.slice(100, 107)).toBe('000600 ');

  expect(await restoreBundle(readConfig(settings('to')), at('bundle'), quiet)).toBe(true);
  await using nexus = await startNexus(settings('to'));
  expect((await signIn(nexus.url, email)).status).toBe(200);
}, 120_000);

test.each([
  ['text/html', 'attachment'],
  ['TEXT/HTML; charset=utf-8', 'attachment'],
  ['image/svg+xml', 'attachment'],
  ['application/xhtml+xml', 'attachment'],
  ['text/xml', 'attachment'],
  ['application/pdf', 'attachment'],
  ['application/octet-stream', 'attachment'],
  ['text/plain; charset=utf-8', null],
  ['image/png', null],
  ['application/json', null],
])('a presigned download of %s is saved or shown by a browser: %s', async (contentType, disposition) => {
  const nexus = await shared();
  const client = nexus.as(nexus.token);
  const bytes = Buffer.from(`<svg onload="alert(1)"/> ${contentType}`);
  const name = `${crypto.randomUUID()}.html`;
  const object = await client.artifacts.upload.mutate({ name, bytes: bytes.toString('base64'), contentType });
  const byId = await client.objects.presign.mutate({ id: object.id });
  const byKey = await client.objects.presign.mutate({ bucket: object.bucket, key: object.key });
  const model = await client.models.upload.mutate({
    name,
    objectId: (await client.uploads.file(new Blob([bytes]), { kind: 'model', name, contentType })).id,
  });
  const ofModel = await client.models.download.query({ id: model.modelId });
  for (const { url } of [byId, byKey, ofModel]) {
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toBe(disposition);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
  const named = await client.objects.presign.mutate({ id: object.id, fileName: 'page.html' });
  expect((await fetch(named.url)).headers.get('content-disposition')).toContain('attachment; filename="page.html"');
  // Nobody makes another URL of it.
  const forged = await fetch(`${byId.url}&response-content-disposition=inline`);
  expect(forged.headers.get('content-disposition') ?? String(forged.status)).toBe(disposition ?? '403');
});

test('what was made and deleted leaves the embedded PostgreSQL no larger, and its log short', async () => {
  await using directory = await temporaryDirectory();
  await using postgres = await openPostgresFiles(join(directory.path, 'postgres'), unprepared);
  const { client } = postgres;
  await client.exec('create table churned (id int primary key, text text)');
  const sizes = async () => {
    const { rows } = await client.query<{ table: number; log: number }>(
      `select pg_total_relation_size('churned')::float8 as table, (select sum(size)::float8 from pg_ls_waldir()) as log`,
    );
    return rows[0] ?? { table: 0, log: 0 };
  };
  for (let round = 0; round < 8; round += 1) {
    await client.exec(`insert into churned select i, repeat(md5(i::text), 20) from generate_series(1, 20000) i;
      delete from churned`);
  }
  const before = await sizes();
  expect(before.table).toBeGreaterThan(50_000_000);
  expect(before.log).toBeGreaterThan(80_000_000);
  const options = { timeout: 30_000, interval: 500 };
  await expect.poll(async () => (await sizes()).table, options).toBeLessThan(1_000_000);
  // Something has to be written for it to look again.
  await expect
    .poll(async () => {
      await client.exec(`insert into churned values (1, 'x'); delete from churned`);
      return (await sizes()).log;
    }, options)
    .toBeLessThan(65_000_000);
  const { rows } = await client.query<{ analyzed: boolean }>(
    `select last_analyze is not null as analyzed from pg_stat_user_tables where relname = 'churned'`,
  );
  expect(rows).toEqual([{ analyzed: true }]);
}, 90_000);

test('what nobody vacuumed before a server ended is vacuumed by the next', async () => {
  await using directory = await temporaryDirectory();
  const place = join(directory.path, 'postgres');
  {
    await using postgres = await openPostgresFiles(place, unprepared);
    await postgres.client.exec(`create table churned as select repeat(md5(i::text), 20) from generate_series(1, 20000) i;
      delete from churned`);
  }
  await using postgres = await openPostgresFiles(place, unprepared);
  const sizeOf = async () => {
    const { rows } = await postgres.client.query<{ size: number }>(`select pg_table_size('churned')::float8 as size`);
    return rows[0]?.size;
  };
  expect(await sizeOf()).toBeGreaterThan(10_000_000);
  await expect.poll(sizeOf, { timeout: 30_000, interval: 500 }).toBeLessThan(1_000_000);
}, 90_000);

test('a vector index of many rows is left alone, for callers would wait until each has its neighbours again', async () => {
  await using directory = await temporaryDirectory();
  await using postgres = await openPostgresFiles(join(directory.path, 'postgres'), unprepared);
  const { client } = postgres;
  await client.exec(`create extension vector; create table kept (id int, v vector(8));
    create index kept_idx on kept using hnsw (v vector_cosine_ops);
    insert into kept select i, array[sin(i), cos(i), sin(2*i), cos(3*i), sin(5*i), cos(7*i), 1, 2]::real[]::vector
      from generate_series(1, 3000) i;
    delete from kept where id % 3 = 0`);
  const vacuumed = async () => {
    const { rows } = await client.query<{ done: boolean; pages: number }>(
      `select last_vacuum is not null as done from pg_stat_user_tables where relname = 'kept'`,
    );
    return rows[0]?.done;
  };
  await expect.poll(vacuumed, { timeout: 30_000, interval: 500 }).toBe(true);
  // Existing rows are found, and deleted ones are not.
  const { rows } = await client.query<{ id: number }>(
    `select id from kept order by v <=> (select v from kept where id = 100) limit 1`,
  );
  expect(rows).toEqual([{ id: 100 }]);
}, 90_000);

let running: ReturnType<typeof startNexus> | undefined;
/** On the embedded object store, whose own answers are looked at. */
const shared = () => {
  running ??= startNexus(embedded);
  return running;
};
afterAll(async () => (await running)?.[Symbol.asyncDispose]());
