import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { outbox } from '../../drizzle/schema/index.ts';
import { readConfig } from '../../server/config.ts';
import { enqueue } from '../../server/outbox/enqueue.ts';
import { openPostgresAlone, openStores } from '../../server/stores/addresses.ts';
import { startNexus } from '../support/nexus.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const embedded = { DATABASE_URL: '', S3_ENDPOINT: '', S3_ACCESS_KEY: '', S3_SECRET_KEY: '', COUCHDB_URL: '' };

test('an admin lists over the API what is parked, has it tried again, or gives it up, which the audit log tells', async () => {
  await using directory = await temporaryDirectory();
  const settings = { ...embedded, NEXUS_DATA_DIR: join(directory.path, 'data') };
  const id = randomUUID();
  {
    await using _first = await startNexus(settings);
  }
  const ids: number[] = [];
  {
    await using postgres = await openPostgresAlone(readConfig(settings), pino({ level: 'silent' }));
    for (const name of ['again', 'given-up', 'behind']) {
      const effect = {
        workspaceId: 1,
        createdBy: null,
        kind: 'documents.put.v1' as const,
        payload: { database: 'topology_events', document: { _id: `${name}-${id}`, workspace_id: 1 } },
        entity: name === 'behind' ? 'test:given-up' : `test:${name}`,
      };
      ids.push(await postgres.db.transaction((tx) => enqueue(tx, effect)));
    }
    await postgres.db.update(outbox).set({ parkedAt: new Date(), attempts: 12, lastError: 'It was refused.' });
    await postgres.db.execute(
      `update outbox set parked_at = null, attempts = 0, last_error = null where id = ${ids[2]}`,
    );
  }
  await using nexus = await startNexus(settings);
  const admin = nexus.as(nexus.token);
  const [again = 0, givenUp = 0, behind = 0] = ids;
  const listed = await admin.system.outbox.query({ isParked: true });
  expect(listed.items).toMatchObject([
    { id: again, kind: 'documents.put.v1', entity: 'test:again', attempts: 12, lastError: 'It was refused.' },
    { id: givenUp, entity: 'test:given-up' },
  ]);
  expect((await admin.system.health.query({})).outbox.parked).toBe(2);
  const waiting = await admin.system.outbox.query({ isParked: false });
  // It waits for the one before it.
  expect(waiting.items.map((one) => one.id)).toEqual([behind]);

  expect(await admin.system.retryParked.mutate({ ids: [again, 999_999] })).toEqual({ ids: [again] });
  expect(await admin.system.discardParked.mutate({ ids: [givenUp] })).toEqual({ ids: [givenUp] });
  expect(await admin.system.discardParked.mutate({ ids: [givenUp] })).toEqual({ ids: [] });
  await expect.poll(async () => (await admin.system.outbox.query({})).items, { timeout: 20_000 }).toEqual([]);
  const entries = await admin.audit.list.query({ action: 'system' });
  expect(entries.items.map(({ action, target }) => [action, target])).toEqual([
    ['system.discardParked', `effect:${givenUp}`],
    ['system.retryParked', `effect:${again}`],
  ]);
});

test('the server’s own log is in the logs bucket by day when it has stopped, each line as it was printed', async () => {
  await using directory = await temporaryDirectory();
  const settings = { ...embedded, NEXUS_DATA_DIR: join(directory.path, 'data') };
  let requestId: string | null = null;
  {
    await using nexus = await startNexus({ ...settings, NEXUS_LOG_LEVEL: 'info' });
    requestId = (await nexus.rest('GET', '/api/topologies')).headers.get('x-request-id');
  }
  await using stores = await openStores(readConfig(settings));
  const found = await stores.objects.listSizes('topology-logs', '');
  const day = new Date().toISOString().slice(0, 10);
  const batches = found.filter(({ key }) => key.startsWith(`logs/${day}/server/`));
  expect(batches.length).toBeGreaterThan(0);
  const lines: string[] = [];
  for (const { key } of batches) {
    let text = '';
    for await (const chunk of await stores.objects.read('topology-logs', key)) text += chunk;
    lines.push(...text.trim().split('\n'));
  }
  const line: unknown = JSON.parse(lines.find((one) => requestId !== null && one.includes(requestId)) ?? '{}');
  expect(line).toMatchObject({ procedure: 'topologies.list', type: 'query', msg: 'called', workspaceId: 1 });
});
