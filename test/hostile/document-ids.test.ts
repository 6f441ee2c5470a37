import { randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addContext } from '../../server/features/context/add-context.ts';
import { addManyContext } from '../../server/features/context/add-many-context.ts';
import { deleteContext } from '../../server/features/context/delete-context.ts';
import { getContext } from '../../server/features/context/get-context.ts';
import { updateContext } from '../../server/features/context/update-context.ts';
import { openDocumentDomain } from '../support/document-domain.ts';
import { aMember } from '../support/members.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { aStranger } from '../support/people.ts';

let nexus: Nexus;
let clients: [first: NexusClient, second: NexusClient, third: NexusClient];
beforeAll(async () => {
  nexus = await startNexus();
  clients = [nexus.as(nexus.token), await aStranger(nexus), await aStranger(nexus)];
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

const ways = {
  add: async (client: NexusClient, id: string, data: string) => {
    const { rev } = await client.context.add.mutate({ id, type: 'note', data });
    expect(rev).toMatch(/^1-/);
  },
  addMany: async (client: NexusClient, id: string, data: string) => {
    const { results } = await client.context.addMany.mutate({ documents: [{ id, type: 'note', data }] });
    expect(results).toEqual([{ status: 'added', id }]);
  },
  'topologies.create': async (client: NexusClient, id: string, data: string) => {
    const name = `t-${randomUUID()}`;
    const made = await client.topologies.create.mutate({
      name,
      architecture: 'transformer',
      context: [{ id, type: 'note', data }],
    });
    expect(made.contextIds).toEqual([id]);
  },
};

describe.each(Object.entries(ways))('a document’s id that is taken in another workspace is free here: %s', (_, put) => {
  test.each([
    ['chosen', () => `note-${randomUUID()}`],
    ['as the server makes them', () => `ctx_${randomUUID().replace(/^(.{14})./, '$17')}`],
  ])('%s', async (_kind, anId) => {
    const id = anId();
    for (const [at, client] of clients.entries()) await put(client, id, `of ${at}`);
    for (const [at, client] of clients.entries()) {
      expect(await client.context.get.query({ id })).toMatchObject({ id, data: `of ${at}` });
      const { items } = await client.context.list.query({ limit: 100 });
      expect(items.filter((one) => one.id === id).map(({ data }) => data)).toEqual([`of ${at}`]);
      // One's own is taken.
      await expect(client.context.add.mutate({ id, type: 'note', data: 'other' })).rejects.toMatchObject({
        data: { reason: 'conflict' },
      });
      const again = await client.context.addMany.mutate({ documents: [{ id, type: 'note', data: 'other' }] });
      expect(again.results).toMatchObject([{ status: 'refused', id }]);
    }
  });
});

test('a document that is changed, found, remarked on, followed and deleted by its id leaves those of others as they are', async () => {
  const id = `note-${randomUUID()}`;
  const words = clients.map(() => `w${randomUUID().replaceAll('-', '')}`);
  for (const [at, client] of clients.entries()) await ways.add(client, id, words[at] ?? '');
  const [first, second, third] = clients;
  for (const [at, client] of clients.entries()) {
    const { items } = await client.context.search.query({ text: words[at] ?? '' });
    expect(items.map(({ document }) => document.id)).toEqual([id]);
    expect((await client.context.search.query({ text: words[(at + 1) % 3] ?? '' })).items).toEqual([]);
    await client.annotations.add.mutate({ targetType: 'document', targetId: id, annotation: 'x' });
  }
  const before = await second.context.get.query({ id });
  const changed = await second.context.update.mutate({ id, expectedRev: before.rev, data: 'changed' });
  expect(changed).toMatchObject({ id, data: 'changed' });
  await expect(second.context.update.mutate({ id, expectedRev: before.rev, data: 'x' })).rejects.toMatchObject({
    message: expect.not.stringContaining('@'),
    data: { reason: 'conflict', details: { id, current: { id } } },
  });
  await second.context.delete.mutate({ id });
  await expect(second.context.get.query({ id })).rejects.toMatchObject({ data: { reason: 'not_found' } });
  const { items } = await second.context.history.query({ id });
  expect(items.map(({ item }) => item && [item.id, item.data])).toEqual([null, [id, 'changed'], [id, words[1]]]);
  for (const [client, at] of [
    [first, 0],
    [third, 2],
  ] as const) {
    expect(await client.context.get.query({ id })).toMatchObject({ data: words[at] });
    expect((await client.context.history.query({ id })).items).toHaveLength(1);
  }
  // How often another workspace wrote and deleted under an id cannot be told by the revision.
  await first.context.delete.mutate({ id });
  const fresh = await aStranger(nexus);
  await ways.add(fresh, id, 'anew');
});

test('what stands under a plain id, from before or by another program, is its workspace’s, and not doubled', async () => {
  await using domain = await openDocumentDomain();
  const { stores, actor } = domain;
  const stranger = await aMember(stores);
  const id = `note-${randomUUID()}`;
  const { rev } = await stores.documents.put('topology_context', {
    _id: id,
    type: 'note',
    data: 'as it was',
    topology_id: null,
    timestamp: new Date().toISOString(),
    workspace_id: actor.workspaceId,
  });
  const given = { id, type: 'note', data: 'as it was', metadata: {} };
  // Sent again it is there, and other content is refused.
  expect(await addContext(stores, actor, given)).toMatchObject({ id, rev });
  await expect(addContext(stores, actor, { ...given, data: 'x' })).rejects.toMatchObject({ reason: 'conflict' });
  const many = await addManyContext(stores, actor, { documents: [given, { ...given, data: 'x' }] });
  expect(many.results.map(({ status }) => status)).toEqual(['exists', 'refused']);
  expect(await updateContext(stores, actor, { id, data: 'changed' })).toMatchObject({ id, data: 'changed' });
  expect(await stores.documents.find('topology_context', id)).toMatchObject({ data: 'changed' });
  // To the other workspace it is not there, neither to be read nor in the way; nor does it take the time to read it.
  await domain.follower.caughtUp();
  const asked: string[] = [];
  const { find, findMany } = stores.documents;
  const watched = {
    ...stores,
    documents: {
      ...stores.documents,
      find: (database: string, one: string) => {
        asked.push(one);
        return find(database, one);
      },
      findMany: (database: string, some: readonly string[]) => {
        asked.push(...some);
        return findMany(database, some);
      },
    },
  };
  await expect(getContext(watched, stranger, { id })).rejects.toMatchObject({ reason: 'not_found' });
  expect([asked.length, asked.includes(id)]).toEqual([2, false]);
  await expect(updateContext(stores, stranger, { id, data: 'x' })).rejects.toMatchObject({ reason: 'not_found' });
  const theirs = await addContext(stores, stranger, { ...given, data: 'theirs' });
  expect([theirs.id, theirs.rev.split('-')[0]]).toEqual([id, '1']);
  await deleteContext(stores, actor, { id });
  expect(await getContext(stores, stranger, { id })).toMatchObject({ data: 'theirs' });
});
