import { randomUUID } from 'node:crypto';
import type { DatasetIngest } from '@topology-nexus/client';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { datasetIngests, semanticChunks } from '../../drizzle/schema/index.ts';
import { createDataset } from '../../server/features/datasets/create-dataset.ts';
import { cancelIngest } from '../../server/features/ingests/cancel-ingest.ts';
import { followIngest } from '../../server/features/ingests/follow-ingest.ts';
import { getIngest } from '../../server/features/ingests/get-ingest.ts';
import { runIngests } from '../../server/features/ingests/index.ts';
import { ingestDataset } from '../../server/features/ingests/ingest-dataset.ts';
import { storeSmallObject } from '../../server/features/objects/index.ts';
import type { Stores } from '../../server/stores/stores.ts';
import { type ObjectDomain, openObjectDomain, withObjects } from '../support/object-domain.ts';
import { aVector } from '../support/rows.ts';

let domain: ObjectDomain;
beforeAll(async () => {
  domain = await openObjectDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

/** An ingest that no server works on but those that the test starts. */
async function anIngest(stores: Stores, count: number, actor = domain.actor) {
  const name = `d-${randomUUID()}`;
  const dataset = await createDataset(stores, actor, { name, description: '', metadata: {} });
  const padding = 'word '.repeat(170);
  const text = Array.from({ length: count }, (_, at) => {
    const embedding = Buffer.from(aVector(at, 0.1).buffer).toString('base64');
    return JSON.stringify({ content: `${name} ${at} ${padding}`, embedding });
  });
  const object = await storeSmallObject(stores, actor, {
    kind: 'dataset_file',
    datasetName: name,
    name: 'lines.jsonl',
    bytes: Buffer.from(text.join('\n')),
    contentType: 'application/x-ndjson',
  });
  return ingestDataset(stores, actor, { datasetId: dataset.id, objectId: object.id });
}

async function until(
  ingest: DatasetIngest,
  isIt: (state: DatasetIngest) => boolean,
  actor = domain.actor,
): Promise<DatasetIngest> {
  for await (const { item } of followIngest(domain.stores, actor, { id: ingest.id })) {
    if (isIt(item)) return item;
  }
  throw new Error('The ingest ended before.');
}

test('a server that dies in the middle leaves the rest to another one, and nothing is stored twice', async () => {
  const { stores, actor } = domain;
  const ingest = await anIngest(stores, 1500);
  // The second piece of the file never comes: to everybody else, this server is gone in the middle of its work.
  let pieces = 0;
  const dying = withObjects(stores, {
    readRange: (...range) => (++pieces > 1 ? new Promise<never>(() => undefined) : stores.objects.readRange(...range)),
  });
  runIngests(dying);
  const half = await until(ingest, ({ lineCount }) => lineCount > 0);
  expect(half).toMatchObject({ status: 'running', lineCount: 1000 });

  // A crash between the rows of a step and its place leaves rows that are stored and counted, to be read again.
  await stores.db.update(datasetIngests).set({ lineCount: 500 }).where(eq(datasetIngests.id, ingest.id));
  await using _second = runIngests(stores);
  const done = await until(ingest, ({ status }) => status !== 'running');
  expect(done).toMatchObject({ status: 'done', lineCount: 1500, newCount: 1500, chunkCount: 1500, refusedCount: 0 });
  expect(await stores.db.$count(semanticChunks, eq(semanticChunks.datasetId, ingest.datasetId))).toBe(1500);
  expect(await getIngest(stores, actor, { id: ingest.id })).toEqual(done);
});

test('an object store that fails in passing is asked again, one that lost the file ends the ingest', async () => {
  const { stores } = domain;
  const ingest = await anIngest(stores, 10);
  let failures = 0;
  const flaky = withObjects(stores, {
    readRange: (...range) =>
      failures++ === 0 ? Promise.reject(new Error('broken')) : stores.objects.readRange(...range),
  });
  {
    await using _server = runIngests(flaky);
    expect(await until(ingest, ({ status }) => status !== 'running')).toMatchObject({ status: 'done', newCount: 10 });
  }
  const lost = await anIngest(stores, 10);
  await stores.db.execute(sql`delete from stored_objects where id = ${lost.objectId}`);
  await using _server = runIngests(stores);
  expect(await until(lost, ({ status }) => status !== 'running')).toMatchObject({
    status: 'failed',
    error: `The object ${lost.objectId} is gone; upload it again.`,
  });
});

/** Stores whose second piece of a file comes when it is let. */
function heldAtSecondPiece(stores: Stores) {
  const held = Promise.withResolvers<void>();
  let pieces = 0;
  return {
    letGo: held.resolve,
    stores: withObjects(stores, {
      readRange: async (...range) => {
        if (++pieces === 2) await held.promise;
        return stores.objects.readRange(...range);
      },
    }),
  };
}

test('an ingest that is canceled reads no further, makes no version, and makes room for the next', async () => {
  const { stores, actor, otherActor } = domain;
  const ingest = await anIngest(stores, 1500);
  const held = heldAtSecondPiece(stores);
  await using _server = runIngests(held.stores);
  await until(ingest, ({ lineCount }) => lineCount > 0);
  await expect(cancelIngest(stores, otherActor, { id: ingest.id })).rejects.toMatchObject({ reason: 'not_found' });
  const canceled = await cancelIngest(stores, actor, { id: ingest.id });
  expect(canceled).toMatchObject({ status: 'canceled', lineCount: 1000, newCount: 1000, version: null });
  expect(canceled.finishedAt).toBeInstanceOf(Date);
  expect(await until(ingest, ({ status }) => status !== 'running')).toEqual(canceled);
  held.letGo();

  const next = await anIngest(stores, 10);
  const done = await until(next, ({ status }) => status !== 'running');
  expect(done).toMatchObject({ status: 'done', newCount: 10 });
  expect(await getIngest(stores, actor, { id: ingest.id })).toEqual(canceled);
  expect(await stores.db.$count(semanticChunks, eq(semanticChunks.datasetId, ingest.datasetId))).toBe(1000);
  expect(await cancelIngest(stores, actor, { id: ingest.id })).toEqual(canceled);
  await expect(cancelIngest(stores, actor, { id: next.id })).rejects.toMatchObject({
    reason: 'conflict',
    message: `Ingest ${next.id} is done; only one that is running can be canceled.`,
  });
});

test('a long ingest of one workspace does not keep another workspace waiting', async () => {
  const { stores, otherActor } = domain;
  const held = heldAtSecondPiece(stores);
  await using _server = runIngests(held.stores);
  const long = await anIngest(stores, 1500);
  await until(long, ({ lineCount }) => lineCount > 0);
  const behind = await anIngest(stores, 10);
  const others = await anIngest(stores, 10, otherActor);
  const done = await until(others, ({ status }) => status !== 'running', otherActor);
  expect(done).toMatchObject({ status: 'done', newCount: 10 });
  expect(await getIngest(stores, domain.actor, { id: behind.id })).toMatchObject({ status: 'running', lineCount: 0 });
  held.letGo();
  expect(await until(long, ({ status }) => status !== 'running')).toMatchObject({ status: 'done', newCount: 1500 });
  expect(await until(behind, ({ status }) => status !== 'running')).toMatchObject({ status: 'done', newCount: 10 });
});
