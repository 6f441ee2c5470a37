import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { NexusError } from '../../server/errors.ts';
import { openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { openObjects } from '../../server/stores/objects.ts';
import { openPostgres, rows } from '../../server/stores/postgres.ts';
import { started } from '../support/server-process.ts';
import { embedded } from '../support/small-disk.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const require = createRequire(import.meta.url);
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const stores = (name: string) => JSON.stringify(fileURLToPath(new URL(`../../server/stores/${name}`, import.meta.url)));
const [user, password] = ['u', 'p'];
const keys = { accessKey: 'a'.repeat(20), secretKey: 's'.repeat(64), region: 'us-east-1' };
const designs = { notes: { lists_v1: { all: 'function (doc) { emit(doc.text, null); }' } } };
const ids = Array.from({ length: 30 }, (_, n) => `note-${n}`);
const names = Array.from({ length: 20 }, (_, n) => `key-${n}`);

/** Runs a program that ends itself by SIGKILL; answers what it printed. */
async function killed(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes;
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return said;
}

const writeNotes = (directory: string) =>
  killed(`
    import { openDocuments } from ${stores('documents.ts')};
    import { startEmbeddedDocuments } from ${stores('embedded/documents.ts')};
    const options = { directory: ${JSON.stringify(directory)}, user: 'u', password: 'p' };
    const server = await startEmbeddedDocuments(options);
    server.know(${JSON.stringify(designs)});
    const documents = openDocuments({ url: server.endpoint, user: 'u', password: 'p' });
    await documents.prepare(${JSON.stringify(designs)});
    for (const _id of ${JSON.stringify(ids)}) await documents.put('notes', { _id, text: 'what ' + _id + ' says' });
    process.kill(process.pid, 'SIGKILL');`);

const writeObjects = (directory: string) =>
  killed(`
    import { openObjects } from ${stores('objects.ts')};
    import { startEmbeddedObjects } from ${stores('embedded/objects.ts')};
    const keys = ${JSON.stringify(keys)};
    const { endpoint } = await startEmbeddedObjects({ directory: ${JSON.stringify(directory)}, ...keys });
    const store = openObjects({ endpoint, publicEndpoint: endpoint, ...keys });
    await store.prepare(['bucket-a']);
    for (const key of ${JSON.stringify(names)}) await store.put('bucket-a', key, Buffer.from(key), 'text/plain');
    process.kill(process.pid, 'SIGKILL');`);

async function readNotes(directory: string): Promise<string[]> {
  await using server = await startEmbeddedDocuments({ directory, user, password });
  server.know(designs);
  const documents = openDocuments({ url: server.endpoint, user, password });
  const range = { startKey: '', endKey: '~', limit: 100 };
  const rows = await documents.view('notes', 'lists_v1', 'all', range);
  const found = await documents.findMany('notes', ids);
  expect(rows.map(({ doc }) => doc?.text).sort()).toEqual(found.map((one) => one?.text).sort());
  return found.flatMap((one) => (one?.text === `what ${one?._id} says` ? [one._id] : []));
}

async function readObjects(directory: string): Promise<string[]> {
  await using server = await startEmbeddedObjects({ directory, ...keys });
  const store = openObjects({ endpoint: server.endpoint, publicEndpoint: server.endpoint, ...keys });
  const read = names.map(async (key) => {
    const pieces: Buffer[] = [];
    for await (const piece of await store.read('bucket-a', key)) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces).toString();
  });
  return (await Promise.allSettled(read)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** The hash of each file below a directory, by its path. SQLite's memory of a database, and a log without a byte, are no part of it. */
async function contents(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('-shm'));
  const read = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    const bytes = await readFile(file);
    return [file.slice(directory.length), bytes.length, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  const found = (await Promise.all(read)).filter(([path, length]) => length > 0 || !path.endsWith('-wal'));
  return Object.fromEntries(found.map(([path, , hash]) => [path, hash]).sort());
}

async function refusal(work: Promise<unknown>): Promise<NexusError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof NexusError) return error;
    throw error;
  }
}

/** Places over the whole of a file, the same at each run. */
const placesIn = (length: number, count: number) =>
  Array.from({ length: count }, (_, n) => Math.floor(((n + 0.37) * length) / count));

const kept = [
  { store: 'documents', write: writeNotes, read: readNotes, all: ids },
  { store: 'objects', write: writeObjects, read: readObjects, all: names },
] as const;

test.each(kept)(
  'of $store no flipped byte makes a start that has less: it has all, or stops with one line and changes nothing',
  async ({ write, read, all }) => {
    await using temporary = await temporaryDirectory();
    const sound = join(temporary.path, 'sound');
    await write(sound);
    const own = (await readdir(sound)).filter((name) => /\.db(?:-wal|-commits)?$/.test(name));
    expect(own.filter((name) => name.endsWith('-wal'))).toHaveLength(1);
    let refused = 0;
    for (const name of own) {
      const bytes = await readFile(join(sound, name));
      for (const place of placesIn(bytes.length, 40)) {
        const damaged = join(temporary.path, 'damaged');
        await rm(damaged, { recursive: true, force: true });
        await cp(sound, damaged, { recursive: true });
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(place) ^ 0x41, place);
        await writeFile(join(damaged, name), changed);
        const before = await contents(damaged);
        let found: string[] = [];
        const said = await refusal(
          read(damaged).then((answer) => {
            found = answer;
          }),
        );
        if (said) {
          refused += 1;
          expect(said.message, `${name} at ${place}`).toMatch(/\.db.*Nothing was changed; put back a copy/);
          expect(said.message).not.toContain('\n');
          expect(await contents(damaged), `${name} at ${place}`).toEqual(before);
        } else expect([...found].sort(), `${name} at ${place}`).toEqual([...all].sort());
      }
    }
    expect(refused).toBeGreaterThan(20);
  },
);

test.each(kept)(
  'of $store a database that is gone, empty or cut off is not made anew',
  async ({ store, write, read }) => {
    await using temporary = await temporaryDirectory();
    const sound = join(temporary.path, 'sound');
    await write(sound);
    // Once opened and closed, so that all of it is in the database itself.
    await read(sound);
    const file = store === 'documents' ? 'documents.db' : 'index.db';
    const damages = [
      (path: string) => rm(path),
      (path: string) => truncate(path, 0),
      (path: string) => truncate(path, 4096),
      (path: string) => writeFile(path, 'something else'),
    ];
    for (const damage of damages) {
      const damaged = join(temporary.path, 'damaged');
      await rm(damaged, { recursive: true, force: true });
      await cp(sound, damaged, { recursive: true });
      await damage(join(damaged, file));
      const before = await contents(damaged);
      const said = await refusal(read(damaged));
      expect(said).toMatchObject({ reason: 'precondition_failed', message: expect.stringContaining(file) });
      expect(await contents(damaged)).toEqual(before);
    }
  },
);

test('files that no object has are set aside where they are many, or where files of objects are missing', async () => {
  await using temporary = await temporaryDirectory();
  const directory = join(temporary.path, 'objects');
  await writeObjects(directory);
  const asideOf = async () => {
    const folders = (await readdir(directory)).filter((name) => name.startsWith('set-aside-'));
    return (await Promise.all(folders.map((folder) => readdir(join(directory, folder))))).flat().sort();
  };
  await writeFile(join(directory, 'files', 'one'), 'half');
  expect((await readObjects(directory)).length).toBe(names.length);
  expect(await readdir(join(directory, 'files'))).not.toContain('one');
  expect(await asideOf()).toEqual([]);

  const many = Array.from({ length: 17 }, (_, n) => `many-${n}`);
  for (const name of many) await writeFile(join(directory, 'files', name), 'bytes of somebody');
  expect((await readObjects(directory)).length).toBe(names.length);
  expect(await asideOf()).toEqual([...many].sort());

  const [some = ''] = await readdir(join(directory, 'files'));
  await rm(join(directory, 'files', some));
  await writeFile(join(directory, 'files', 'suspect'), 'bytes of somebody');
  expect((await readObjects(directory)).length).toBe(names.length - 1);
  expect(await asideOf()).toEqual([...many, 'suspect'].sort());
});

/** Notes as earlier versions kept them: PouchDB's files, of a database that was not closed. */
async function writeLevel(directory: string): Promise<Level> {
  await mkdir(directory, { recursive: true });
  const Pouch: new (name: string) => Level = require('pouchdb').defaults({ prefix: `${directory}${sep}` });
  const database = new Pouch('notes');
  for (const _id of ids) await database.put({ _id, text: `what ${_id} says` });
  await database.put({ _id: '_design/evil', views: { all: { map: 'function () { process.exit(); }' } } });
  return database;
}
type Level = { put(document: object): Promise<unknown>; close(): Promise<void> };

test('documents that LevelDB kept are there after the start, and its files are set aside', async () => {
  await using temporary = await temporaryDirectory();
  const [old, directory] = [join(temporary.path, 'old'), join(temporary.path, 'documents')];
  const database = await writeLevel(old);
  await cp(old, directory, { recursive: true });
  await database.close();
  for (let start = 0; start < 2; start += 1) {
    await using server = await startEmbeddedDocuments({ directory, user, password });
    server.know(designs);
    const documents = openDocuments({ url: server.endpoint, user, password });
    await documents.prepare(designs);
    const found = await documents.findMany('notes', ids);
    expect(found.map((one) => [one?.text, one?._rev])).toEqual(
      ids.map((id) => [`what ${id} says`, expect.stringMatching(/^1-/)]),
    );
    const { changes } = await documents.changes('notes', '0', { limit: 100, waitMs: 0, withDocuments: false });
    expect(changes.map(({ id }) => id)).toEqual(ids);
  }
  expect(await readdir(join(directory, 'before-sqlite'))).toContain('notes');
});

test('damaged files of LevelDB stop the start with the name of the file, and stay as they are', async () => {
  await using temporary = await temporaryDirectory();
  const [old, directory] = [join(temporary.path, 'old'), join(temporary.path, 'documents')];
  const database = await writeLevel(old);
  const flip = async (name: string, share: number) => {
    const file = join(directory, 'notes', name);
    const bytes = await readFile(file);
    const place = Math.floor(bytes.length * share);
    bytes.writeUInt8(bytes.readUInt8(place) ^ 0x41, place);
    await writeFile(file, bytes);
  };
  // A copy of an open database: its writes are in the log alone.
  const sound = join(temporary.path, 'sound');
  await cp(old, sound, { recursive: true });
  await database.close();
  const files = await readdir(join(sound, 'notes'));
  const named = (pattern: RegExp) => files.find((name) => pattern.test(name)) ?? '';
  const damages = [
    { name: 'CURRENT', damage: () => writeFile(join(directory, 'notes', 'CURRENT'), '') },
    { name: 'CURRENT', damage: () => rm(join(directory, 'notes', 'CURRENT')) },
    { name: named(/^MANIFEST/), damage: () => flip(named(/^MANIFEST/), 0.5) },
    { name: named(/\.log$/), damage: () => flip(named(/\.log$/), 0.3) },
    { name: named(/\.log$/), damage: () => flip(named(/\.log$/), 0.8) },
  ];
  for (const { name, damage } of damages) {
    await rm(directory, { recursive: true, force: true });
    await cp(sound, directory, { recursive: true });
    await damage();
    const before = await contents(directory);
    const said = await refusal(startEmbeddedDocuments({ directory, user, password }));
    expect(said).toMatchObject({ reason: 'precondition_failed', message: expect.stringContaining(name) });
    expect(await contents(directory)).toEqual(before);
  }
});

async function readRows(directory: string): Promise<number | undefined> {
  await using postgres = await openPostgres({ kind: 'embedded', directory });
  const query = sql`select count(*)::int as count from rows_kept`;
  return (await rows(postgres.db, query, z.object({ count: z.number() })))[0]?.count;
}

test('a flipped byte in the log of the embedded PostgreSQL stops the start before what stands behind it is lost', {
  timeout: 120_000,
}, async () => {
  await using temporary = await temporaryDirectory();
  const sound = join(temporary.path, 'sound');
  // Both ends of what is to be damaged: PostgreSQL tells them as 0/1A2B3C4D.
  const marks = await killed(`
    import { sql } from 'drizzle-orm';
    import { openPostgres } from ${stores('postgres.ts')};
    const { db } = await openPostgres({ kind: 'embedded', directory: ${JSON.stringify(sound)} });
    const at = async () => console.log((await db.execute(sql.raw('select pg_current_wal_lsn() as at'))).rows[0].at);
    await db.execute(sql.raw('create table rows_kept (n int)'));
    const add = async () => {
      for (let n = 0; n < 50; n += 1) await db.execute(sql.raw('insert into rows_kept values (' + n + ')'));
      await at();
    };
    await at();
    await add();
    await add();
    process.kill(process.pid, 'SIGKILL');`);
  const [start = 0, end = 0] = marks
    .trim()
    .split('\n')
    .map((mark) => Number.parseInt(mark.split('/')[1] ?? '', 16));
  expect(end).toBeGreaterThan(start);
  const segmentBytes = 16 * 1024 * 1024;
  const log = '000000010000000000000001';
  expect([Math.floor(start / segmentBytes), Math.floor(end / segmentBytes)]).toEqual([1, 1]);
  const bytes = await readFile(join(sound, 'pg_wal', log));
  const damaged = join(temporary.path, 'damaged');
  let refused = 0;
  for (const place of placesIn(end - start, 12).map((one) => start - segmentBytes + one)) {
    await rm(damaged, { recursive: true, force: true });
    await cp(sound, damaged, { recursive: true });
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(place) ^ 0x41, place);
    await writeFile(join(damaged, 'pg_wal', log), changed);
    const before = await contents(damaged);
    const said = await refusal(readRows(damaged).then((count) => expect(count, String(place)).toBe(100)));
    if (!said) continue;
    refused += 1;
    expect(said.message, String(place)).toContain(join(damaged, 'pg_wal', log));
    expect(await contents(damaged)).toEqual(before);
  }
  // Those between two records change nothing.
  expect(refused).toBeGreaterThan(8);
  expect(await readRows(sound)).toBe(100);
});

test('a server over damage ends with one line that names the file and the way back, and no stack', {
  timeout: 180_000,
}, async () => {
  await using temporary = await temporaryDirectory();
  const sound = join(temporary.path, 'sound');
  const run = (directory: string) =>
    spawn(process.execPath, ['--no-warnings', main, 'serve'], {
      env: { ...process.env, ...embedded, NEXUS_DATA_DIR: directory, NEXUS_PORT: '0', NEXUS_LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const first = run(sound);
  await started(first);
  first.kill('SIGTERM');
  await once(first, 'exit');
  const damages: readonly (readonly [file: string, damage: (path: string) => Promise<void>])[] = [
    ['documents/documents.db', (path) => truncate(path, 0)],
    ['objects/index.db', (path) => rm(path)],
    ['objects/index.db', (path) => writeFile(path, 'something else')],
    ['postgres/global/pg_control', (path) => writeFile(path, Buffer.alloc(8192, 7))],
    ['postgres/global/pg_control', (path) => rm(path)],
    ['postgres/PG_VERSION', (path) => rm(path)],
    ['secrets.json', (path) => writeFile(path, '{}')],
  ];
  for (const [file, damage] of damages) {
    const directory = join(temporary.path, 'damaged');
    await rm(directory, { recursive: true, force: true });
    await cp(sound, directory, { recursive: true });
    await damage(join(directory, file));
    const server = run(directory);
    let errors = '';
    server.stderr.on('data', (bytes: Buffer) => {
      errors += bytes;
    });
    const [code] = await once(server, 'close');
    expect([file, code]).toEqual([file, 1]);
    expect(errors.trim().split('\n'), errors).toHaveLength(1);
    expect(errors).toContain(join(directory, file));
    expect(errors).toMatch(/copy|backup/);
  }
});
