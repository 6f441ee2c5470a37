import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { topologies } from '../../drizzle/schema/index.ts';
import {
  CheckpointPage,
  ListCheckpointsInput,
  UploadCheckpointInput,
} from '../../server/features/checkpoints/contract.ts';
import { removeCheckpointsOf } from '../../server/features/checkpoints/index.ts';
import { listCheckpoints } from '../../server/features/checkpoints/list-checkpoints.ts';
import { uploadCheckpoint } from '../../server/features/checkpoints/upload-checkpoint.ts';
import { getObject } from '../../server/features/objects/get-object.ts';
import { storeSmallObject } from '../../server/features/objects/index.ts';
import { aTopology, bytesOf, type ObjectDomain, openObjectDomain } from '../support/object-domain.ts';

let domain: ObjectDomain;
beforeAll(async () => {
  domain = await openObjectDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

type Changes = Partial<typeof UploadCheckpointInput._zod.input>;
const upload = (topologyId: number, name: string, changes: Changes = { checkpointData: { made: randomUUID() } }) =>
  uploadCheckpoint(domain.stores, domain.actor, UploadCheckpointInput.parse({ topologyId, name, ...changes }));
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });
const aFile = (topologyId: number, actor = domain.actor) =>
  storeSmallObject(domain.stores, actor, {
    kind: 'checkpoint',
    topologyId,
    name: `${randomUUID()}.pt`,
    bytes: Buffer.from(randomUUID()),
    contentType: 'application/octet-stream',
  });

test('a JSON checkpoint lies in the folder of its topology and reads back', async () => {
  const { id } = await aTopology(domain.stores, domain.actor);
  const checkpointData = { epoch: 10, loss: 0.123, model_state_dict: { w: [1, 2] } };
  const checkpoint = await upload(id, 'best', { checkpointData, step: 10, metadata: { best: true } });
  const path = `checkpoints/topology-${id}/best.json`;
  expect(checkpoint).toMatchObject({
    path,
    bucket: 'topology-models',
    topologyId: id,
    step: 10,
    metadata: { best: true },
  });
  expect(JSON.parse((await bytesOf(domain, checkpoint.objectId)).toString())).toEqual(checkpointData);
});

test('an uploaded object becomes a checkpoint of its own topology only', async () => {
  const [one, two] = [await aTopology(domain.stores, domain.actor), await aTopology(domain.stores, domain.actor)];
  const file = await aFile(one.id);
  await refused(upload(two.id, 'epoch-5', { objectId: file.id }), 'invalid_input');
  expect(await upload(one.id, 'epoch-5', { objectId: file.id })).toMatchObject({ path: file.key, step: null });
});

test('a name is taken once in a topology, at the same moment too, and is free in another', async () => {
  const [one, two] = [await aTopology(domain.stores, domain.actor), await aTopology(domain.stores, domain.actor)];
  const outcomes = await Promise.allSettled(
    [1, 2, 3].map((epoch) => upload(one.id, 'x', { checkpointData: { epoch } })),
  );
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  await refused(upload(one.id, 'x'), 'conflict');
  await refused(upload(one.id, 'x', { objectId: (await aFile(one.id)).id }), 'conflict');
  expect(await upload(two.id, 'x')).toMatchObject({ name: 'x' });
});

test('the same checkpoint again, later or at once, is the one that is there; other bytes or facts are a conflict', async () => {
  const { id: topologyId } = await aTopology(domain.stores, domain.actor);
  const given = { checkpointData: { w: randomUUID() }, step: 3, metadata: { loss: -0, tags: ['a'] } };
  const [one, ...others] = await Promise.all([1, 2, 3].map(() => upload(topologyId, 'best', given)));
  expect(others).toEqual([one, one]);
  expect(await upload(topologyId, 'best', given)).toEqual(one);
  for (const changed of [{ step: 4 }, { step: undefined }, { metadata: {} }, { checkpointData: { w: 1 } }]) {
    await refused(upload(topologyId, 'best', { ...given, ...changed }), 'conflict');
  }

  const { id: objectId } = await aFile(topologyId);
  const ofFile = { objectId, step: 3 };
  const registered = await Promise.all([1, 2, 3].map(() => upload(topologyId, 'file', ofFile)));
  expect(new Set(registered.map(({ id }) => id)).size).toBe(1);
  await refused(upload(topologyId, 'file', { ...ofFile, objectId: (await aFile(topologyId)).id }), 'conflict');
  expect((await listCheckpoints(domain.stores, domain.actor, { topologyId, limit: 10 })).items).toHaveLength(2);
});

test('a topology’s checkpoints are listed newest first in pages, in its workspace only', async () => {
  const { id } = await aTopology(domain.stores, domain.actor);
  for (const name of ['a', 'b', 'c']) await upload(id, name);
  const { stores, actor, otherActor } = domain;
  const input = ListCheckpointsInput.parse({ topologyId: `topology-${id}`, limit: 2 });
  const page = CheckpointPage.parse(await listCheckpoints(stores, actor, input));
  expect(page.items.map((item) => item.name)).toEqual(['c', 'b']);
  const rest = await listCheckpoints(stores, actor, { ...input, cursor: page.nextCursor ?? undefined });
  expect(rest.items.map((item) => item.name)).toEqual(['a']);
  expect(rest.nextCursor).toBeNull();
  await refused(listCheckpoints(stores, otherActor, input), 'not_found');
});

test('an unknown topology or run, and a topology of another workspace, are refused', async () => {
  const { id } = await aTopology(domain.stores, domain.actor);
  const theirs = await aTopology(domain.stores, domain.otherActor);
  await refused(upload(theirs.id, 'x'), 'not_found');
  await refused(upload(id, 'x', { checkpointData: 1, runId: 999_999 }), 'not_found');
});

test('the removal of a topology’s checkpoints takes rows and bytes, but not what another topology’s has', async () => {
  const { stores, actor } = domain;
  const [one, two] = [await aTopology(stores, actor), await aTopology(stores, actor)];
  const gone = await upload(one.id, 'gone');
  const stays = await upload(two.id, 'stays');
  await stores.db.transaction(async (tx) => {
    await removeCheckpointsOf(tx, actor, one.id);
    await tx.delete(topologies).where(eq(topologies.id, one.id));
  });
  await domain.drained();
  await refused(getObject(stores, actor, { id: gone.objectId }), 'not_found');
  expect(await stores.objects.find(gone.bucket, domain.prefix + gone.path)).toBeUndefined();
  expect((await getObject(stores, actor, { id: stays.objectId })).status).toBe('ready');
  expect(await stores.objects.find(stays.bucket, domain.prefix + stays.path)).toBeDefined();
});

test('a removal that is rolled back leaves checkpoints and bytes', async () => {
  const { stores, actor } = domain;
  const { id } = await aTopology(stores, actor);
  const checkpoint = await upload(id, 'kept');
  const removal = stores.db.transaction(async (tx) => {
    await removeCheckpointsOf(tx, actor, id);
    throw new Error('rolled back');
  });
  await expect(removal).rejects.toThrow('rolled back');
  await domain.drained();
  expect(await stores.objects.find(checkpoint.bucket, domain.prefix + checkpoint.path)).toBeDefined();
  expect((await listCheckpoints(stores, actor, { topologyId: id, limit: 10 })).items).toHaveLength(1);
});
