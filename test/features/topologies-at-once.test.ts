import { randomUUID } from 'node:crypto';
import { isNexusError } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';

let nexus: Nexus;
beforeAll(async () => {
  nexus = await startNexus();
});
afterAll(() => nexus[Symbol.asyncDispose]());

test('a topology, its module and its note are made in one call, and the note is there when the answer comes', async () => {
  const client = nexus.as(nexus.token);
  const made = await client.topologies.create.mutate({
    name: 'at-once',
    architecture: 'transformer',
    modules: [{ name: 'adapter', rank: 8 }],
    context: [{ type: 'topology_created', data: `word${randomUUID().replaceAll('-', '')}` }],
    awaitEffects: true,
  });
  expect(made).toMatchObject({ effects: 'done', modules: [{ name: 'adapter', rank: 8, topologyId: made.id }] });
  const { context } = await client.topologies.get.query({ id: made.id });
  expect(context).toMatchObject([{ id: made.contextIds[0], type: 'topology_created', topologyId: made.id }]);
  const found = await client.context.search.query({ text: String(context?.[0]?.data) });
  expect(found.items.map(({ document }) => document.id)).toEqual(made.contextIds);
});

test('where one of them is refused, nothing of the call is left', async () => {
  const client = nexus.as(nexus.token);
  const name = `refused-${randomUUID()}`;
  const note = { type: 'note', data: 'first', id: randomUUID() };
  await client.topologies.create.mutate({ name: 'holder', architecture: 'gnn', context: [note], awaitEffects: true });
  const again = client.topologies.create.mutate({
    name,
    architecture: 'gnn',
    modules: [{ name: 'adapter' }],
    context: [{ type: 'note', data: 'not left behind' }, note],
  });
  await expect(again).rejects.toSatisfy((error) => isNexusError(error, 'conflict') && error.message.includes(note.id));
  expect((await client.topologies.list.query({ name })).items).toEqual([]);
});

test('a topology deleted right after it was made leaves no note of it in CouchDB', async () => {
  const client = nexus.as(nexus.token);
  const id = randomUUID();
  const made = await client.topologies.create.mutate({
    name: 'short-lived',
    architecture: 'gnn',
    context: [{ type: 'note', data: 'soon gone', id }],
  });
  await client.topologies.delete.mutate({ id: made.id });
  await expect.poll(async () => (await client.system.outbox.query({})).items).toEqual([]);
  await expect(client.context.get.query({ id })).rejects.toSatisfy((error) => isNexusError(error, 'not_found'));
});

test('by REST the same call takes snake_case', async () => {
  const answer = await nexus.rest('POST', '/api/topologies', {
    name: 'by-rest',
    architecture: 'gnn',
    modules: [{ name: 'adapter', target_modules: ['q_proj'] }],
    context: [{ type: 'note', data: { free_json: 1 } }],
    await_effects: true,
  });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ effects: 'done', modules: [{ target_modules: ['q_proj'] }] });
});
