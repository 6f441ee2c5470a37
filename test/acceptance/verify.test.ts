import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { openStores } from '../../server/stores/addresses.ts';
import { verify } from '../../server/verify.ts';
import { startNexus } from '../support/nexus.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const embedded = { DATABASE_URL: '', S3_ENDPOINT: '', S3_ACCESS_KEY: '', S3_SECRET_KEY: '', COUCHDB_URL: '' };

/** Compares, and answers what was found of these keys. */
async function found(settings: NodeJS.ProcessEnv, keys: readonly string[], isRepair = false) {
  const lines: string[] = [];
  const agrees = await verify(readConfig(settings), { isRepair, isSure: isRepair }, (line) => lines.push(line));
  const of = (key: string) => lines.filter((line) => line.includes(key)).map((line) => line.split(' ')[0]);
  return { agrees, lines, problems: keys.map((key) => of(key).at(-1)) };
}

test('stores that no server has used yet agree', async () => {
  await using directory = await temporaryDirectory();
  const settings = { ...embedded, NEXUS_DATA_DIR: directory.path, NEXUS_LOG_LEVEL: 'silent' };
  expect((await found(settings, [])).lines).toEqual([expect.stringContaining('the stores agree')]);
});

test('a command finds every kind of disagreement, mends what is safe, and agrees with a running server', async () => {
  await using directory = await temporaryDirectory();
  // Embedded stores of its own, whatever the environment names: the whole of them is compared.
  const settings = { NEXUS_DATA_DIR: directory.path, NEXUS_LOG_LEVEL: 'silent' };
  const id = randomUUID();
  const [kept, lost] = [`kept-${id}`, `lost-${id}`];
  let lostKey = '';
  {
    await using nexus = await startNexus({ ...settings, ...embedded });
    const client = nexus.as(nexus.token);
    const { id: topologyId } = await client.topologies.create.mutate({
      name: id,
      architecture: 'gnn',
      context: [{ type: 'note', data: 'by the outbox', id: `note-${id}` }],
      awaitEffects: true,
    });
    await client.context.add.mutate({ type: 'note', data: 'in both', id: `unindexed-${id}`, topologyId });
    await client.logs.upload.mutate({ name: kept, data: 'kept' });
    lostKey = (await client.logs.upload.mutate({ name: lost, data: 'lost' })).key;
    const sha256 = randomBytes(32).toString('hex');
    await client.objects.begin.mutate({ kind: 'artifact', name: `begun-${id}`, sizeBytes: 2 ** 25, sha256 });
    expect((await found(settings, [])).lines).toEqual([expect.stringContaining('the stores agree')]);
  }
  expect((await found(settings, [])).agrees).toBe(true);
  {
    await using stores = await openStores(readConfig(settings));
    const { objects, documents, postgres } = stores;
    await objects.put('topology-logs', `orphan-${id}`, Buffer.from('nobody has me'), 'text/plain');
    await objects.beginMultipart('topology-models', `leftover-${id}`, 'text/plain');
    await objects.remove('topology-logs', [lostKey]);
    await documents.put('topology_context', {
      _id: `orphan-note-${id}`,
      type: 'note',
      data: 'of a topology that is not there',
      topology_id: 'topology-999999',
      timestamp: new Date().toISOString(),
      workspace_id: 1,
    });
    // An event of a session that does not exist, and a version of a document whose topology does not exist.
    await documents.put('topology_events', { _id: `s-${id}:e:1`, type: 'note', workspace_id: 1 });
    await documents.put('topology_events', {
      _id: `d-${id}:h:00000001-a`,
      topology_id: 'topology-999999',
      workspace_id: 1,
      version: null,
    });
    await documents.remove('topology_context', `note-${id}`);
    await postgres.db.execute(`delete from context_index where document_id = 'unindexed-${id}'`);
    await postgres.db.execute(`insert into context_index (workspace_id, document_id, revision, type, body, document_at)
      values (1, 'nowhere-${id}', '1-a', 'note', 'nowhere', now())`);
  }
  const documents = [`orphan-note-${id}`, `nowhere-${id}`, `s-${id}:e:1`, `d-${id}:h:00000001-a`];
  const keys = [`orphan-${id}`, `leftover-${id}`, lostKey, ...documents];
  const before = await found(settings, keys);
  expect(before.agrees).toBe(false);
  expect(before.problems).toEqual([
    'object_without_row',
    'upload_without_row',
    'object_missing',
    'document_left_behind',
    'document_missing',
    'document_left_behind',
    'document_left_behind',
  ]);

  const after = await found(settings, [], true);
  expect(after.lines).toContainEqual(expect.stringMatching(/^Plan: [67] repairs/));
  // Only the bytes that are gone cannot be mended.
  expect(after.lines.at(-1)).toContain(': 1 findings');
  expect((await found(settings, keys)).problems).toEqual([
    undefined,
    undefined,
    'object_missing',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
}, 240_000);

test('while everything changes under it, verify raises no false alarm', async () => {
  await using nexus = await startNexus({ ...embedded });
  const client = nexus.as(nexus.token);
  let isOver = false;
  let changes = 0;
  const change = async () => {
    while (!isOver) {
      const name = randomUUID();
      const { id } = await client.topologies.create.mutate({
        name,
        architecture: 'gnn',
        modules: [{ name: 'adapter' }],
        context: [{ type: 'note', data: name }],
      });
      const noted = await client.context.add.mutate({ type: 'note', data: name, topologyId: id });
      await client.context.update.mutate({ id: noted.id, expectedRev: noted.rev, data: { changed: true } });
      const log = await client.logs.upload.mutate({ name, data: name });
      const session = await client.sessions.create.mutate({ sessionType: 'load' });
      await client.sessions.log.mutate({ id: session.id, events: { type: 'note', data: { name } } });
      await client.objects.delete.mutate({ id: log.id });
      await client.topologies.delete.mutate({ id });
      changes += 1;
    }
  };
  const changing = Promise.all([change(), change(), change(), change()]);
  for (let round = 0; round < 3; round += 1) {
    const before = changes;
    const { agrees, findings } = await client.system.verify.query({});
    expect([findings, agrees]).toEqual([[], true]);
    await expect.poll(() => changes, { timeout: 30_000 }).toBeGreaterThan(before);
  }
  isOver = true;
  await changing;
}, 240_000);
