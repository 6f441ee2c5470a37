import { createNexusClient, createRunLogger, type NexusClient } from '@topology-nexus/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let nexus: Nexus;
/** On the same database where that is a real one: the embedded one has one server. */
let neighbour: Nexus;
beforeAll(async () => {
  nexus = await startNexus();
  neighbour = process.env.DATABASE_URL ? await startNexus() : nexus;
});
afterAll(async () => {
  if (neighbour !== nexus) await neighbour[Symbol.asyncDispose]();
  await nexus[Symbol.asyncDispose]();
});

const client = () => nexus.as(nexus.token);
async function aRun(more: { leaseSeconds?: number } = {}) {
  const { id: topologyId } = await client().topologies.create.mutate({
    name: `t-${crypto.randomUUID()}`,
    architecture: 'transformer',
  });
  return client().training.start.mutate({ topologyId, ...more });
}
const point = (step: number, value = step) => ({ key: 'loss', step, value });

/** A subscriber with all that it was told. */
function follow(reader: NexusClient, runId: number, lastEventId?: string) {
  const ids: string[] = [];
  const items: { status: string; points: { key: string; step: number; value: number; time: Date }[] }[] = [];
  const errors: unknown[] = [];
  const subscription = reader.training.live.subscribe(
    { runId, ...(lastEventId !== undefined && { lastEventId }) },
    {
      onData: ({ id, data }) => {
        ids.push(id);
        items.push(data);
      },
      onError: (error) => errors.push(error),
    },
  );
  return {
    ids,
    items,
    errors,
    steps: () => items.flatMap(({ points }) => points.map(({ step }) => step)),
    stop: () => subscription.unsubscribe(),
  };
}

describe('live', () => {
  test('a follower on any server is told where the run stands, then each point and change of status once', async () => {
    const { id: runId } = await aRun();
    await client().training.log.mutate({ runId, points: [point(1)] });
    const reader = follow(neighbour.as(neighbour.token), runId);
    await expect.poll(() => reader.items).toMatchObject([{ status: 'running', points: [] }]);
    for (let step = 2; step <= 20; step += 1) await client().training.log.mutate({ runId, points: [point(step)] });
    await client().training.log.mutate({ runId, points: [point(20), { ...point(1), value: Number.NaN }] });
    await client().training.finish.mutate({ id: runId });
    await expect.poll(() => reader.items.at(-1)?.status).toBe('completed');
    reader.stop();
    expect(reader.steps()).toEqual([...Array.from({ length: 19 }, (_, at) => at + 2), 1]);
    expect(reader.items.flatMap(({ points }) => points).at(-1)).toMatchObject({
      key: 'loss',
      value: Number.NaN,
      time: expect.any(Date),
    });
    expect(new Set(reader.ids).size).toBe(reader.ids.length);
  });

  test('one that comes back, to another server, misses nothing and sees nothing twice while many write', async () => {
    const { id: runId } = await aRun();
    const writers = Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const server = writer % 2 === 0 ? nexus : neighbour;
        for (let n = 0; n < 25; n += 1) {
          await server.as(server.token).training.log.mutate({ runId, points: [point(writer * 1000 + n)] });
        }
      }),
    );
    const seen: number[] = [];
    let lastEventId = '0';
    for (let visit = 0; visit < 5; visit += 1) {
      const server = visit % 2 === 0 ? nexus : neighbour;
      const reader = follow(server.as(server.token), runId, lastEventId);
      await expect.poll(() => reader.items.length, { timeout: 20_000 }).toBeGreaterThan(0);
      reader.stop();
      lastEventId = reader.ids.at(-1) ?? lastEventId;
      seen.push(...reader.steps());
      if (visit === 3) await writers;
      if (seen.length === 200) break;
    }
    const rest = follow(client(), runId, lastEventId);
    await expect.poll(() => seen.length + rest.steps().length, { timeout: 20_000 }).toBe(200);
    rest.stop();
    const steps = [...seen, ...rest.steps()];
    expect(new Set(steps).size).toBe(200);
  });

  test('by REST as server-sent events that go on after Last-Event-ID', async () => {
    const { id: runId } = await aRun();
    for (const step of [1, 2, 3])
      await client().training.log.mutate({ runId, points: [point(step, step === 3 ? Number.NaN : step)] });
    const stop = new AbortController();
    const response = await fetch(`${nexus.url}/api/training/runs/${runId}/live`, {
      headers: { authorization: `Bearer ${nexus.token}`, 'last-event-id': '1' },
      signal: stop.signal,
    });
    let text = '';
    const chunks = z.custom<AsyncIterable<Uint8Array>>().parse(response.body);
    for await (const chunk of chunks) {
      text += Buffer.from(chunk).toString();
      if (text.includes('\n\n')) break;
    }
    stop.abort();
    expect(text).toContain('id: 3');
    const data = JSON.parse(text.match(/data: (.*)/)?.[1] ?? '');
    expect(data).toMatchObject({
      run_id: runId,
      status: 'running',
      points: [
        { step: 2, value: 2 },
        { step: 3, value: 'NaN' },
      ],
    });
  });

  test('a run of nobody and a revision that is still to come are refused', async () => {
    const { id: runId } = await aRun();
    const nobody = follow(client(), 999_999_999);
    const later = follow(client(), runId, '99');
    const words = follow(client(), runId, 'yesterday');
    await expect
      .poll(() => [nobody.errors, later.errors, words.errors])
      .toMatchObject([
        [{ data: { reason: 'not_found' } }],
        [{ data: { reason: 'invalid_input' } }],
        [{ data: { reason: 'invalid_input' } }],
      ]);
  });
});

describe('leases', () => {
  test('a silent run is lost after its lease, is running again when its logger comes back, and both are told', async () => {
    const { id: runId } = await aRun({ leaseSeconds: 1 });
    const reader = follow(client(), runId);
    const status = async () => (await client().training.get.query({ id: runId })).status;
    await expect.poll(status, { timeout: 20_000 }).toBe('lost');
    expect(await client().training.heartbeat.mutate({ id: runId })).toMatchObject({ status: 'running' });
    expect(await status()).toBe('running');
    await expect.poll(status, { timeout: 20_000 }).toBe('lost');
    await client().training.log.mutate({ runId, points: [point(1)] });
    expect(await status()).toBe('running');
    await expect
      .poll(() => reader.items.map((item) => item.status))
      .toEqual(['running', 'lost', 'running', 'lost', 'running']);
    reader.stop();
    await client().training.finish.mutate({ id: runId, status: 'failed' });
    await expect(client().training.heartbeat.mutate({ id: runId })).rejects.toMatchObject({
      data: { reason: 'precondition_failed' },
    });
  });

  test('a heartbeat keeps a run that has nothing to log', async () => {
    const run = await aRun({ leaseSeconds: 600 });
    const { leaseExpiresAt } = await client().training.heartbeat.mutate({ id: run.id });
    expect(leaseExpiresAt?.getTime()).toBeGreaterThanOrEqual(run.leaseExpiresAt?.getTime() ?? Number.NaN);
    expect(await client().training.get.query({ id: run.id })).toMatchObject({
      revision: run.revision,
      status: 'running',
    });
  });
});

describe('the run logger', () => {
  test('delivers every point once, NaN and infinities included, in as few calls as its sizes say', async () => {
    const { id: runId } = await aRun();
    const logger = createRunLogger(client(), runId, { flushPoints: 400 });
    for (let step = 0; step < 1000; step += 1) {
      logger.log(step, {
        loss: step === 500 ? Number.NaN : 1 / (step + 1),
        lr: step === 7 ? Number.POSITIVE_INFINITY : 0.1,
      });
    }
    expect(await logger.close()).toEqual({
      delivered: 2000,
      dropped: 0,
      refused: 0,
      undelivered: 0,
      problem: undefined,
    });
    const run = await client().training.get.query({ id: runId });
    expect(run).toMatchObject({ pointCount: 2000, revision: 5 });
    const { points } = await client().training.history.query({ runId, key: 'loss', fromStep: 500, toStep: 500 });
    expect(points).toMatchObject([{ value: Number.NaN }]);
  });

  test('sends what waits after a while without being asked', async () => {
    const { id: runId } = await aRun();
    const logger = createRunLogger(client(), runId, { flushMs: 5 });
    logger.log(1, { loss: 1 });
    await expect.poll(() => logger.delivery.delivered).toBe(1);
    await logger.close();
  });

  test('goes through a restart of the server, and the loop notices nothing', async () => {
    await using directory = await temporaryDirectory();
    const first = await startNexus({ NEXUS_DATA_DIR: directory.path });
    const { port } = new URL(first.url);
    const writer = first.as(first.token);
    const { id: topologyId } = await writer.topologies.create.mutate({ name: 'restart', architecture: 'transformer' });
    const { id: runId } = await writer.training.start.mutate({ topologyId });
    const logger = createRunLogger(writer, runId, { flushPoints: 10, flushMs: 5 });
    for (let step = 0; step < 100; step += 1) logger.log(step, { loss: step });
    await first[Symbol.asyncDispose]();
    for (let step = 100; step < 200; step += 1) logger.log(step, { loss: step });
    expect(logger.delivery.undelivered).toBeGreaterThan(0);
    await using second = await startNexus({ NEXUS_DATA_DIR: directory.path, NEXUS_PORT: port });
    expect(await logger.close()).toMatchObject({ delivered: 200, dropped: 0, refused: 0, undelivered: 0 });
    const run = await second.as(first.token).training.get.query({ id: runId });
    expect(run.series).toMatchObject([{ key: 'loss', count: 200, last: 199 }]);
  });

  test('never throws: it counts what is no point, what the server refuses, what was too much and what did not go', async () => {
    const { id: runId } = await aRun();
    const logger = createRunLogger(client(), runId);
    logger.log(-1, { loss: 1 });
    logger.log(1.5, { loss: 1 });
    logger.log(2 ** 53, { loss: 1 });
    logger.log(1, { ['k'.repeat(300)]: 1, ...JSON.parse('{"text":"x"}') });
    logger.log(1, { loss: 1 });
    expect(await logger.close()).toMatchObject({ delivered: 1, refused: 5 });
    logger.log(2, { loss: 1 });
    expect(logger.delivery).toMatchObject({ refused: 6, problem: expect.stringContaining('closed') });

    await client().training.finish.mutate({ id: runId });
    const late = createRunLogger(client(), runId);
    late.log(2, { loss: 1 });
    expect(await late.close()).toMatchObject({
      delivered: 0,
      refused: 1,
      problem: expect.stringContaining('completed'),
    });

    const nowhere = createNexusClient({ url: 'http://127.0.0.1:9', token: 'none' });
    const away = createRunLogger(nowhere, runId, { flushPoints: 10, maxBufferedPoints: 100 });
    for (let step = 0; step < 1000; step += 1) away.log(step, { loss: step });
    const delivery = await away.close({ timeoutMs: 50 });
    expect(delivery).toMatchObject({ delivered: 0, refused: 0 });
    expect(delivery.undelivered).toBeLessThanOrEqual(110);
    expect(delivery.dropped + delivery.undelivered).toBe(1000);
  });
});
