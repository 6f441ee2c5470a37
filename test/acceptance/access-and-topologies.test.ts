import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from '../../server/features/nouns.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';

const Made = z.looseObject({ id: z.number() });
const Problem = z.object({ details: z.object({ field: z.string() }) });
const OpenApi = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string().optional() }))),
});

let nexus: Nexus;
beforeAll(async () => {
  nexus = await startNexus();
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

const aTopology = (name = `t-${crypto.randomUUID()}`) => ({
  name,
  description: 'Custom transformer model',
  architecture: 'transformer',
  config: { layers: 6, dimensions: 512, own_key: { keptAs: 'given' } },
});

describe('topologies', () => {
  test('read back as they were created, by any spelling of their id, and with dates as dates', async () => {
    const client = nexus.as(nexus.token);
    const { modules, contextIds, effects, ...made } = await client.topologies.create.mutate(aTopology());
    expect({ modules, contextIds, effects }).toEqual({ modules: [], contextIds: [], effects: 'done' });
    expect(made.createdAt).toBeInstanceOf(Date);
    for (const id of [made.id, String(made.id), `topology-${made.id}`]) {
      const read = await client.topologies.get.query({ id });
      expect(read).toMatchObject(made);
      expect(read.analytics).toMatchObject({ runCount: 0, moduleCount: 0, bestAccuracy: null });
    }
  });

  test('are created by the guide’s REST call in snake_case, with free JSON untouched', async () => {
    const me = await nexus.as(nexus.token).users.me.query();
    const response = await nexus.rest('POST', '/api/topologies', { ...aTopology(), created_by: me.id });
    expect(response.status).toBe(201);
    const body = Made.parse(await response.json());
    expect(body).toMatchObject({ created_by: me.id, config: { own_key: { keptAs: 'given' } } });
    const analytics = await nexus.rest('GET', `/api/analytics/topologies/topology-${body.id}`);
    expect(await analytics.json()).toMatchObject({ topology_id: body.id, run_count: 0, best_accuracy: null });
  });

  test('page newest first, each once, while others are added', async () => {
    const client = nexus.as(nexus.token);
    const name = `page-${crypto.randomUUID()}`;
    const ids: number[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await client.topologies.create.mutate(aTopology(`${name}-${n}`))).id);
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.topologies.list.query({ name, limit: 2, cursor });
      seen.push(...page.items.map((item) => item.id));
      await client.topologies.create.mutate(aTopology(`${name}-later`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(ids);
  });

  test('refuse what the guide forbids, naming the field', async () => {
    const client = nexus.as(nexus.token);
    for (const config of [
      { layers: 0 },
      { layers: 51 },
      { dimensions: 63 },
      { dimensions: 4097 },
      { attention_heads: 33 },
    ]) {
      const field = `config.${Object.keys(config)[0]}`;
      await expect(client.topologies.create.mutate({ ...aTopology(), config })).rejects.toMatchObject({
        data: { reason: 'invalid_input', details: { field } },
      });
    }
    await expect(client.topologies.list.query({ cursor: 'nonsense' })).rejects.toMatchObject({
      data: { reason: 'invalid_input', details: { field: 'cursor' } },
    });
    await expect(client.topologies.get.query({ id: 'topology-0' })).rejects.toMatchObject({
      data: { httpStatus: 400 },
    });
    await expect(client.topologies.get.query({ id: 999_999_999 })).rejects.toMatchObject({
      data: { reason: 'not_found' },
    });
  });

  test('go with their modules', async () => {
    const client = nexus.as(nexus.token);
    const topology = await client.topologies.create.mutate(aTopology());
    const module = await client.modules.create.mutate({ topologyId: topology.id, name: 'adapter', rank: 8 });
    expect((await client.topologies.analytics.query({ id: topology.id })).moduleCount).toBe(1);
    expect(await client.modules.update.mutate({ id: module.id, rank: 4 })).toMatchObject({ rank: 4, name: 'adapter' });
    expect((await client.modules.list.query({ topologyId: topology.id })).items).toHaveLength(1);
    await client.topologies.delete.mutate({ id: topology.id });
    await expect(client.modules.get.query({ id: module.id })).rejects.toMatchObject({ data: { reason: 'not_found' } });
  });
});

describe('access', () => {
  test('no procedure but those for anyone answers without a credential', async () => {
    const forAnyone = routes.filter(({ definition }) => definition.role === 'anyone');
    expect(forAnyone.map(({ procedure }) => procedure).sort()).toEqual(['invitations.accept', 'system.health']);
    for (const { procedure, definition, method, path: below } of routes) {
      if (definition.role === 'anyone') continue;
      const path = `/api${below.replace(/\{\w+\}/g, '1')}`;
      const response = await nexus.rest(method, path, method === 'GET' ? undefined : {}, 'wrong');
      expect([procedure, response.status]).toEqual([procedure, 401]);
    }
  });

  test('a read token changes nothing, and a revoked one opens nothing at once', async () => {
    const admin = nexus.as(nexus.token);
    const { token, id } = await admin.tokens.create.mutate({ name: 'reader', scope: 'read' });
    const reader = nexus.as(token);
    expect(await reader.users.me.query()).toMatchObject({ username: 'admin' });
    await expect(reader.topologies.create.mutate(aTopology())).rejects.toMatchObject({ data: { reason: 'forbidden' } });
    await admin.tokens.revoke.mutate({ id });
    await expect(reader.users.me.query()).rejects.toMatchObject({ data: { reason: 'unauthenticated' } });
  });

  test('a user’s name and e-mail address are given once', async () => {
    const client = nexus.as(nexus.token);
    const username = `u-${crypto.randomUUID()}`;
    const user = await client.users.create.mutate({ username, email: `${username}@example.com` });
    expect(await client.users.get.query({ id: `user-${user.id}` })).toMatchObject({ username, role: 'editor' });
    await expect(
      client.users.create.mutate({ username: username.toUpperCase(), email: 'x@example.com' }),
    ).rejects.toMatchObject({
      data: { reason: 'conflict', details: { field: 'username' } },
    });
  });

  test('the admin token’s file is its owner’s alone', () => {
    expect(statSync(join(nexus.directory, 'admin-token')).mode & 0o777).toBe(0o600);
  });
});

describe('the wire', () => {
  test('health tells of each store', async () => {
    const health = await (await fetch(`${nexus.url}/health`)).json();
    expect(health).toMatchObject({
      status: 'healthy',
      stores: {
        postgres: { status: 'healthy', latency_ms: expect.any(Number) },
        objects: { status: 'healthy' },
        documents: { status: 'healthy' },
      },
    });
  });

  test('a wrong method is 405 with Allow, a wrong path 404, broken JSON 400', async () => {
    const wrong = await nexus.rest('PUT', '/api/topologies', {});
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
    expect((await nexus.rest('GET', '/api/nothing')).status).toBe(404);
    const broken = await fetch(`${nexus.url}/api/topologies`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nexus.token}`, 'content-type': 'application/json' },
      body: '{',
    });
    expect([broken.status, Problem.parse(await broken.json()).details.field]).toEqual([400, 'body']);
  });

  test('the reference names every procedure once', async () => {
    const document = OpenApi.parse(await (await fetch(`${nexus.url}/api/openapi.json`)).json());
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap((operation) => operation.operationId ?? []),
    );
    expect(operations.sort()).toEqual(routes.map((route) => route.procedure).sort());
    expect(await (await fetch(`${nexus.url}/docs`)).text()).toContain('topologies.create');
  });
});
