import { randomUUID } from 'node:crypto';
import { createNexusClient, type Fetch } from '@topology-nexus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLoopbackProxy } from '../support/loopback-proxy.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let server: Nexus;
beforeAll(async () => {
  server = await startNexus();
});
afterAll(async () => server[Symbol.asyncDispose]());

test('a subscription whose connection is cut again and again goes on by itself, with nothing missing and nothing twice', async () => {
  await using proxy = await startLoopbackProxy(Number(new URL(server.url).port));
  const near = server.as(server.token);
  const topology = await near.topologies.create.mutate({ name: randomUUID(), architecture: 'transformer' });
  const run = await near.training.start.mutate({ topologyId: topology.id });

  const places: (string | null)[] = [];
  const watched: Fetch = (input, init) => {
    places.push(new Headers(init?.headers).get('last-event-id'));
    return fetch(input, init);
  };
  const far = createNexusClient({ url: `http://127.0.0.1:${proxy.port}`, token: server.token, fetch: watched });
  const ids: string[] = [];
  const steps: number[] = [];
  const statuses: string[] = [];
  const errors: unknown[] = [];
  const subscription = far.training.live.subscribe(
    { runId: run.id },
    {
      onData({ id, data }) {
        ids.push(id);
        statuses.push(data.status);
        steps.push(...data.points.map(({ step }) => step));
      },
      onError: (error) => errors.push(error),
    },
  );
  await expect.poll(() => ids.length).toBe(1);
  const log = (step: number) =>
    near.training.log.mutate({ runId: run.id, points: [{ key: 'loss', step, value: 1 / step }] });
  for (const step of [1, 4, 7]) {
    await log(step);
    await expect.poll(() => steps.length).toBe(step);
    proxy.set({ kind: 'cut' });
    await log(step + 1);
    proxy.set({ kind: 'pass' });
    await log(step + 2);
    await expect.poll(() => steps.length, { timeout: 20_000 }).toBe(step + 2);
  }
  await near.training.finish.mutate({ id: run.id });
  await expect.poll(() => statuses.at(-1)).toBe('completed');
  subscription.unsubscribe();

  expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(errors).toEqual([]);
  // It came back with the place where it was, and not with that of its first request.
  const comeBacks = places.filter((place) => place !== null);
  expect(comeBacks.length).toBeGreaterThanOrEqual(3);
  expect(comeBacks.every((place) => ids.includes(place))).toBe(true);
});

test('a subscription goes on after the server was started anew, and a query that was asked meanwhile is answered', async () => {
  await using directory = await temporaryDirectory();
  const first = await startNexus({ NEXUS_DATA_DIR: directory.path });
  const retry = { maxAttempts: 200, firstDelayMs: 50, maxDelayMs: 100 };
  const nexus = createNexusClient({ url: first.url, token: first.token, retry });
  const topology = await nexus.topologies.create.mutate({ name: randomUUID(), architecture: 'transformer' });
  const run = await nexus.training.start.mutate({ topologyId: topology.id });
  const steps: number[] = [];
  let heard = 0;
  const errors: unknown[] = [];
  const subscription = nexus.training.live.subscribe(
    { runId: run.id },
    {
      onData({ data }) {
        heard += 1;
        steps.push(...data.points.map(({ step }) => step));
      },
      onError: (error) => errors.push(error),
    },
  );
  const log = (step: number) => nexus.training.log.mutate({ runId: run.id, points: [{ key: 'loss', step, value: 1 }] });
  await expect.poll(() => heard).toBe(1);
  await log(1);
  await expect.poll(() => steps).toEqual([1]);
  await first[Symbol.asyncDispose]();
  const asked = nexus.topologies.get.query({ id: topology.id });
  await using second = await startNexus({ NEXUS_DATA_DIR: directory.path, NEXUS_PORT: new URL(first.url).port });
  expect(second.url).toBe(first.url);
  expect((await asked).id).toBe(topology.id);
  await log(2);
  await expect.poll(() => steps, { timeout: 20_000 }).toEqual([1, 2]);
  subscription.unsubscribe();
  expect(errors).toEqual([]);
});
