import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createNexusClient, type DatasetIngest, type NexusClient } from '@topology-nexus/client';
import { sql } from 'drizzle-orm';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../server/config.ts';
import { openPostgresAlone } from '../../server/stores/addresses.ts';
import { rows } from '../../server/stores/postgres.ts';
import { aVector } from '../support/rows.ts';
import { started } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
/** Two steps of 1,000, and a half. */
const lineCount = 2_500;

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Uploads a file of so many chunks and begins to read it into a dataset. */
async function anIngest(client: NexusClient): Promise<DatasetIngest> {
  const dataset = await client.datasets.create.mutate({ name: `d-${randomUUID()}` });
  const lines = Array.from({ length: lineCount }, (_, at) => {
    const embedding = Buffer.from(aVector(at, 0.1).buffer).toString('base64');
    return JSON.stringify({ content: `${dataset.name} ${at}`, embedding });
  });
  const bytes = Buffer.from(lines.join('\n'));
  const begun = await client.objects.begin.mutate({
    kind: 'dataset_file',
    datasetName: dataset.name,
    name: 'lines.jsonl',
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  if (begun.upload?.method !== 'put') throw new Error('A small file goes in one PUT.');
  await fetch(begun.upload.url, { method: 'PUT', body: bytes, headers: begun.upload.headers });
  await client.objects.complete.mutate({ id: begun.object.id });
  return client.datasets.ingest.mutate({ datasetId: dataset.id, objectId: begun.object.id });
}

/** The first state of an ingest that is wanted; the subscription lives through the end of its server. */
function until(client: NexusClient, id: number, isIt: (state: DatasetIngest) => boolean): Promise<DatasetIngest> {
  return new Promise((resolve, reject) => {
    const subscription = client.datasets.followIngest.subscribe(
      { id },
      {
        onData({ data }) {
          if (!isIt(data)) return;
          resolve(data);
          subscription.unsubscribe();
        },
        onError: reject,
      },
    );
  });
}

test('a server killed in the middle of an ingest leaves it to the next one, which stores nothing twice', async () => {
  await using directory = await temporaryDirectory();
  const env = { ...process.env, NEXUS_DATA_DIR: directory.path, NEXUS_PORT: '0', NEXUS_LOG_LEVEL: 'silent' };
  const run = () => {
    const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(child);
    return child;
  };
  const first = run();
  const { url, token = '' } = await started(first);
  const client = createNexusClient({ url, token });
  const { id, datasetId } = await anIngest(client);
  await until(client, id, (state) => state.lineCount > 0);
  first.kill('SIGKILL');
  await once(first, 'close');

  {
    await using store = await openPostgresAlone(readConfig(env), pino({ level: 'silent' }));
    const State = z.object({ status: z.string(), lines: z.number() });
    const query = sql`update dataset_ingests set claimed_until = now() where id = ${id}
      returning status, line_count::float8 as lines`;
    const [left] = await rows(store.db, query, State);
    expect(left?.status).toBe('running');
    expect(left?.lines).toBeLessThan(lineCount);
  }
  const second = run();
  const again = await started(second);
  const done = await until(createNexusClient({ url: again.url, token }), id, ({ status }) => status !== 'running');
  expect(done).toMatchObject({ status: 'done', lineCount, newCount: lineCount, chunkCount: lineCount, version: 1 });
  second.kill('SIGTERM');
  await once(second, 'close');

  await using store = await openPostgresAlone(readConfig(env), pino({ level: 'silent' }));
  const Counted = z.object({ chunks: z.number(), texts: z.number() });
  const [counted] = await rows(
    store.db,
    sql`select count(*)::float8 as chunks, count(distinct content)::float8 as texts from semantic_chunks where dataset_id = ${datasetId}`,
    Counted,
  );
  expect(counted).toEqual({ chunks: lineCount, texts: lineCount });
}, 180_000);
