import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isNexusError } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { serve } from '../../server/serve.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let nexus: Nexus;
let client: ReturnType<Nexus['as']>;
let topologyId: number;
beforeAll(async () => {
  nexus = await startNexus();
  client = nexus.as(nexus.token);
  const name = `t-${randomUUID()}`;
  topologyId = (await client.topologies.create.mutate({ name, architecture: 'transformer' })).id;
});
afterAll(() => nexus[Symbol.asyncDispose]());

const aWord = () => `word${randomUUID().replaceAll('-', '')}`;

test('the client is told of notes as they are written, and finds them', async () => {
  const word = aWord();
  const seen: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const subscription = client.context.live.subscribe(
    { topologyId, lastEventId: '0' },
    {
      onStarted: () => started.resolve(),
      onData: ({ data }) => {
        seen.push(data.document?.data);
        if (seen.length === 3) resolve();
      },
    },
  );
  await started.promise;
  const documents = [1, 2, 3].map((n) => ({ type: 'note', data: `${word} ${n}`, topologyId }));
  const { results } = await client.context.addMany.mutate({ documents });
  expect(results.map(({ status }) => status)).toEqual(['added', 'added', 'added']);
  expect((await client.context.search.query({ text: word })).items).toHaveLength(3);
  await promise;
  subscription.unsubscribe();
  expect(seen.map(String).sort()).toEqual([`${word} 1`, `${word} 2`, `${word} 3`]);
});

test('the client learns from a conflict what the document is now, its times too', async () => {
  const first = await client.context.add.mutate({ type: 'note', data: 'first', topologyId });
  const second = await client.context.update.mutate({ id: first.id, data: 'second', expectedRev: first.rev });
  const error = await client.context.update
    .mutate({ id: first.id, data: 'third', expectedRev: first.rev })
    .catch((thrown: unknown) => thrown);
  expect(isNexusError(error, 'conflict') && error.data.details).toMatchObject({ current: second });
});

test.each<[string, string, number]>([
  ['a key "__proto__"', '{"type":"note","data":{"a":{"__proto__":{"x":1}}}}', 400],
  ['half a surrogate pair', '{"type":"note","data":"\\ud800"}', 400],
  ['a depth of 10,000', `{"type":"note","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400],
  ['9 MB', `{"type":"note","data":"${'x'.repeat(9 << 20)}"}`, 400],
  ['a selector as its topology', '{"type":"note","data":"x","topology_id":{"$gt":null}}', 400],
  ['a selector as its type', '{"type":{"$gt":null},"data":"x"}', 400],
  ['a topology that is not there', '{"type":"note","data":"x","topology_id":"topology-999999999"}', 404],
])('a note with %s is refused, and told why', async (_name, body, status) => {
  const response = await fetch(`${nexus.url}/api/context`, {
    method: 'POST',
    headers: { authorization: `Bearer ${nexus.token}`, 'content-type': 'application/json' },
    body,
  });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({
    detail: expect.stringMatching(/data|type|topology|__proto__|nested deeper/),
  });
});

test('data with fields named as CouchDB and its selectors name theirs comes back as it was', async () => {
  const data = { _id: 'x', _rev: 1, _deleted: true, $gt: null };
  const { id } = await client.context.add.mutate({ type: 'note', data });
  expect((await client.context.get.query({ id })).data).toEqual(data);
  const response = await nexus.rest('GET', `/api/context/${id}/history`);
  expect(await response.json()).toMatchObject({ items: [{ by: 1, item: { id, topology_id: null } }] });
});

test('5,001 documents are refused, and of one id twice in a batch the first is written', async () => {
  const documents = Array.from({ length: 5001 }, () => ({ type: 'note', data: 1 }));
  await expect(client.context.addMany.mutate({ documents })).rejects.toMatchObject({
    data: { reason: 'invalid_input' },
  });
  const id = `twice_${randomUUID()}`;
  const twice = [1, 2].map((data) => ({ id, type: 'note', data }));
  const { results } = await client.context.addMany.mutate({ documents: twice });
  expect(results.map(({ status }) => status)).toEqual(['added', 'refused']);
  expect((await client.context.get.query({ id })).data).toBe(1);
});

test('one command builds the index anew', async () => {
  await using directory = await temporaryDirectory();
  const environment = { ...process.env, NEXUS_PORT: '0', NEXUS_LOG_LEVEL: 'silent', NEXUS_DATA_DIR: directory.path };
  const server = await serve(readConfig(environment));
  const word = aWord();
  const body = JSON.stringify({ type: 'note', data: word });
  const headers = { authorization: `Bearer ${server.admin.token}`, 'content-type': 'application/json' };
  expect((await fetch(`${server.url}/api/context`, { method: 'POST', headers, body })).status).toBe(201);
  await server[Symbol.asyncDispose]();
  const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
  const command = promisify(execFile)(process.execPath, ['--no-warnings', main, 'reindex'], { env: environment });
  expect((await command).stdout).toMatch(/^[1-9][0-9]* documents are indexed\.$/m);
}, 180_000);
