import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportBundle } from '../../server/bundle/export.ts';
import { restoreBundle } from '../../server/bundle/restore.ts';
import { readConfig } from '../../server/config.ts';
import { startNexus } from '../support/nexus.ts';
import { temporaryDirectory } from '../support/temporary.ts';

// Embedded stores, whatever the environment names: the whole of them is exported.
const embedded = { DATABASE_URL: '', S3_ENDPOINT: '', S3_ACCESS_KEY: '', S3_SECRET_KEY: '', COUCHDB_URL: '' };
// The object store of the environment, embedded where it names none: bytes go there and come back.
const { S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, S3_REGION } = process.env;
const onS3 = S3_ENDPOINT ? { S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, S3_REGION } : {};
const quiet = () => undefined;

test('what was exported is restored into empty stores as it was; a damaged bundle is refused before anything is written', async () => {
  await using directory = await temporaryDirectory();
  const bundle = join(directory.path, 'bundle');
  const settings = (name: string) => ({ ...embedded, NEXUS_DATA_DIR: join(directory.path, name) });
  const id = randomUUID();
  const data = { text: 'line one\nline\u2028two "quoted"', number: 1.5 };
  let topologyId = 0;
  {
    await using nexus = await startNexus(settings('from'));
    const client = nexus.as(nexus.token);
    const gone = await client.topologies.create.mutate({ name: 'gone', architecture: 'gnn' });
    await client.topologies.delete.mutate({ id: gone.id });
    const made = await client.topologies.create.mutate({
      name: id,
      architecture: 'gnn',
      config: { own: [null, 'x'] },
      modules: [{ name: 'adapter' }],
      context: [{ type: 'note', data, id }],
      awaitEffects: true,
    });
    topologyId = made.id;
    await client.logs.upload.mutate({ name: id, data: randomBytes(100_000).toString('hex') });
  }
  await exportBundle(readConfig(settings('from')), bundle, quiet);

  const list = await readFile(join(bundle, 'files.jsonl'), 'utf8');
  const object = list.split('\n').find((line) => line.includes('"objects/')) ?? '';
  const { path } = JSON.parse(object);
  const whole = await readFile(join(bundle, path));
  await truncate(join(bundle, path), whole.length - 1);
  await expect(restoreBundle(readConfig(settings('to')), bundle, quiet)).rejects.toThrow('The bundle is damaged');
  whole.writeUInt8(whole.readUInt8(0) ^ 1, 0);
  await writeFile(join(bundle, path), whole);
  await expect(restoreBundle(readConfig(settings('to')), bundle, quiet)).rejects.toThrow('another SHA-256');
  expect(await readdir(directory.path)).not.toContain('to');
  whole.writeUInt8(whole.readUInt8(0) ^ 1, 0);
  await writeFile(join(bundle, path), whole);

  const lines: string[] = [];
  expect([await restoreBundle(readConfig(settings('to')), bundle, (line) => lines.push(line)), lines.at(-1)]).toEqual([
    true,
    'Restored; the stores agree.',
  ]);
  await expect(restoreBundle(readConfig(settings('to')), bundle, quiet)).rejects.toThrow('not empty');
  await using nexus = await startNexus(settings('to'));
  const client = nexus.as(nexus.token);
  const read = await client.topologies.get.query({ id: topologyId });
  expect(read).toMatchObject({ name: id, config: { own: [null, 'x'] }, context: [{ id, data }] });
  expect((await client.logs.list.query({})).items).toMatchObject([{ sizeBytes: 200_000, status: 'ready' }]);
  // The id of what was deleted before is not given again.
  const next = await client.topologies.create.mutate({ name: 'next', architecture: 'gnn' });
  expect(next.id).toBe(topologyId + 1);
}, 240_000);

test('a bundle is one tar as well, and goes to the object store of the environment and back; what is larger than a part comes back byte by byte; a tar that was cut is refused', async () => {
  await using directory = await temporaryDirectory();
  const bundle = join(directory.path, 'bundle.tar');
  const settings = (name: string) => ({ ...embedded, NEXUS_DATA_DIR: join(directory.path, name) });
  const bytes = randomBytes(70 * 1024 * 1024);
  let id = '';
  {
    await using nexus = await startNexus(settings('from'));
    const file = new Blob([bytes]);
    id = (await nexus.as(nexus.token).uploads.file(file, { kind: 'artifact', name: 'large.bin' })).id;
  }
  await exportBundle(readConfig(settings('from')), bundle, quiet);
  await expect(exportBundle(readConfig(settings('from')), bundle, quiet)).rejects.toThrow('is there already');
  const whole = await readFile(bundle);
  await truncate(bundle, whole.length - 40 * 1024 * 1024);
  await expect(restoreBundle(readConfig(settings('to')), bundle, quiet)).rejects.toThrow('The bundle is damaged');
  // Nothing is left of what was written or unpacked on the way.
  expect((await readdir(directory.path)).sort()).toEqual(['bundle.tar', 'from']);
  await writeFile(bundle, whole);
  const there = { ...settings('to'), ...onS3 };
  expect(await restoreBundle(readConfig(there), bundle, quiet)).toBe(true);
  const back = join(directory.path, 'back.tar');
  await exportBundle(readConfig(there), back, quiet);
  expect(await restoreBundle(readConfig(settings('back')), back, quiet)).toBe(true);
  await using nexus = await startNexus(settings('back'));
  const read = await nexus.as(nexus.token).downloads.bytes(id);
  expect(Buffer.compare(read, bytes)).toBe(0);
}, 240_000);

test('an object that has other bytes in the store than were checked is not exported, also where its parts alone were', async () => {
  await using directory = await temporaryDirectory();
  const settings = { ...embedded, NEXUS_DATA_DIR: join(directory.path, 'from') };
  const bytes = randomBytes(17 * 1024 * 1024 + 1234);
  {
    await using nexus = await startNexus(settings);
    const file = new Blob([bytes]);
    const object = await nexus.as(nexus.token).uploads.file(file, { kind: 'artifact', name: 'changed.bin' });
    expect(object).toMatchObject({ sha256: null, partsSha256: expect.any(String) });
  }
  const files = await readdir(settings.NEXUS_DATA_DIR, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  let changed = 0;
  for (const path of paths) {
    // The embedded store keeps an object's parts as they came.
    if ((await stat(path)).size !== bytes.length % (16 * 1024 * 1024)) continue;
    await writeFile(path, randomBytes(bytes.length % (16 * 1024 * 1024)));
    changed += 1;
  }
  expect(changed).toBe(1);
  const exporting = exportBundle(readConfig(settings), join(directory.path, 'bundle'), quiet);
  await expect(exporting).rejects.toThrow('has parts of the SHA-256');
}, 240_000);
