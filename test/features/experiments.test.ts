import { randomUUID } from 'node:crypto';
import { setTimeout as nextPoll } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { NexusError } from '../../server/errors.ts';
import { forgetContextOf } from '../../server/features/context/index.ts';
import { completeExperiment } from '../../server/features/experiments/complete-experiment.ts';
import {
  CompleteExperimentInput,
  CreateExperimentInput,
  ExperimentWithMetrics,
  ListExperimentsInput,
  LogExperimentMetricsInput,
} from '../../server/features/experiments/contract.ts';
import { createExperiment } from '../../server/features/experiments/create-experiment.ts';
import { getExperiment } from '../../server/features/experiments/get-experiment.ts';
import { listExperiments } from '../../server/features/experiments/list-experiments.ts';
import { logMetrics } from '../../server/features/experiments/log-metrics.ts';
import { rows } from '../../server/stores/postgres.ts';
import { aTopology, type DocumentDomain, openDocumentDomain, withDocuments } from '../support/document-domain.ts';
import { aMember } from '../support/members.ts';

let domain: DocumentDomain;
let topologyId: number;
beforeAll(async () => {
  domain = await openDocumentDomain();
  topologyId = await aTopology(domain.stores, domain.actor);
});
afterAll(async () => domain[Symbol.asyncDispose]());

const create = (given: Partial<z.input<typeof CreateExperimentInput>> = {}, actor = domain.actor) =>
  createExperiment(domain.stores, actor, CreateExperimentInput.parse({ name: 'Sweep', topologyId, ...given }));
const get = (id: string, actor = domain.actor) => getExperiment(domain.stores, actor, { id });
const log = (given: z.input<typeof LogExperimentMetricsInput>, stores = domain.stores, actor = domain.actor) =>
  logMetrics(stores, actor, LogExperimentMetricsInput.parse(given));
const complete = (given: z.input<typeof CompleteExperimentInput>, actor = domain.actor) =>
  completeExperiment(domain.stores, actor, CompleteExperimentInput.parse(given));
const list = (given: z.input<typeof ListExperimentsInput> = {}, actor = domain.actor) =>
  listExperiments(domain.stores, actor, ListExperimentsInput.parse(given));
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });
const epochs = (metrics: readonly Record<string, unknown>[]) => metrics.map(({ epoch }) => epoch);

test('an experiment reads back with its metrics in the order in which they came', async () => {
  const parameters = { learning_rate: [0.001, 0.0001], batch_size: [16, 32, 64] };
  const experiment = await create({ parameters, description: 'Which rate?' });
  await log({ id: experiment.id, metrics: { epoch: 1, train_loss: 0.234, notes: { ok: true } } });
  await log({ id: experiment.id, metrics: [{ epoch: 2 }, { epoch: 3 }], ids: ['z', 'a'] });
  await log({ id: experiment.id, metrics: Array.from({ length: 20 }, (_, n) => ({ epoch: n + 4 })) });
  const read = await get(experiment.id);
  expect(ExperimentWithMetrics.parse(read)).toEqual(read);
  expect(read).toMatchObject({ ...experiment, status: 'running', parameters, topologyId, hasMoreMetrics: false });
  expect(epochs(read.metrics)).toEqual(Array.from({ length: 23 }, (_, n) => n + 1));
  expect(read.metrics[0]).toEqual({
    epoch: 1,
    train_loss: 0.234,
    notes: { ok: true },
    timestamp: expect.any(Date),
  });
});

test('64 callers that log 2,000 points at once, some of them twice, lose none, double none and see no conflict', async () => {
  const { id, rev } = await create();
  const points = Array.from({ length: 2000 }, (_, n) => n);
  await Promise.all(
    Array.from({ length: 64 }, async (_, caller) => {
      for (const n of points.filter((point) => point % 64 === caller)) {
        const point = { id, metrics: { epoch: n }, ids: [`p${String(n).padStart(6, '0')}`] };
        await log(point);
        if (n % 10 === 0) await log(point);
      }
    }),
  );
  const read = await get(id);
  expect(read.rev).toBe(rev);
  expect(epochs(read.metrics).sort((a, b) => Number(a) - Number(b))).toEqual(points);
});

test('points sent again with the same ids are there once, and other values under an id are a conflict', async () => {
  const { id } = await create();
  const points = { id, metrics: [{ epoch: 1 }, { epoch: 2 }], ids: ['one', 'two'] };
  expect(await log(points)).toEqual({ id, ids: ['one', 'two'] });
  await log(points);
  await log({ id, metrics: [{ epoch: 2 }, { epoch: 3 }], ids: ['two', 'three'] });
  expect(epochs((await get(id)).metrics)).toEqual([1, 2, 3]);
  await refused(log({ ...points, metrics: [{ epoch: 1 }, { epoch: 9 }] }), 'conflict');
  await refused(log({ ...points, ids: ['one'] }), 'invalid_input');
  await refused(log({ ...points, ids: ['one', 'one'] }), 'invalid_input');
});

test('a call whose answer is lost may be repeated', async () => {
  const { id } = await create();
  const { bulk } = domain.stores.documents;
  const lossy = withDocuments(domain.stores, {
    bulk: async (...given) => {
      await bulk(...given);
      throw new NexusError('unavailable', 'The connection broke.');
    },
  });
  const points = { id, metrics: { epoch: 1 }, ids: ['p'] };
  await refused(log(points, lossy), 'unavailable');
  await log(points);
  expect(epochs((await get(id)).metrics)).toEqual([1]);
});

test('of more than 10,000 points the first 10,000 are read', async () => {
  const { id } = await create();
  for (let batch = 0; batch < 11; batch += 1) {
    await log({ id, metrics: Array.from({ length: 1000 }, (_, n) => ({ epoch: batch * 1000 + n })) });
  }
  const { metrics, hasMoreMetrics } = await get(id);
  expect(hasMoreMetrics).toBe(true);
  expect(epochs(metrics)).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
});

test('an experiment completes once, and nothing is logged after it', async () => {
  const { id } = await create();
  await log({ id, metrics: { epoch: 1 } });
  const results = { best_params: { lr: 0.001 }, best_accuracy: 0.94 };
  const completed = await complete({ id, results });
  expect(completed).toMatchObject({ status: 'completed', results, completedAt: expect.any(Date) });
  expect(await complete({ id, results: { best_accuracy: 0.94, best_params: { lr: 0.001 } } })).toEqual(completed);
  await refused(complete({ id, results: { best_accuracy: 0.95 } }), 'conflict');
  await refused(complete({ id, results, status: 'failed' }), 'conflict');
  await refused(log({ id, metrics: { epoch: 2 } }), 'conflict');
  expect(await get(id)).toEqual({
    ...completed,
    metrics: [expect.objectContaining({ epoch: 1 })],
    hasMoreMetrics: false,
  });
});

test('of many that complete an experiment differently at once, one has its way', async () => {
  const { id } = await create();
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => complete({ id, results: { winner: n } })),
  );
  const won = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  expect(won).toHaveLength(1);
  expect((await get(id)).results).toEqual(won[0]?.results);
});

test('experiments are listed by topology and status, newest first, without their metrics', async () => {
  const own = await aTopology(domain.stores, domain.actor);
  const experiments = [];
  for (let n = 0; n < 3; n += 1) experiments.push(await create({ topologyId: own, name: `n${n}` }));
  const [first, second, third] = experiments;
  await log({ id: second?.id ?? '', metrics: { epoch: 1 } });
  const failed = await complete({ id: second?.id ?? '', results: {}, status: 'failed' });
  expect((await list({ topologyId: `topology-${own}` })).items).toEqual([third, failed, first]);
  expect((await list({ topologyId: own, status: 'running' })).items).toEqual([third, first]);
  expect((await list({ status: 'failed' })).items).toEqual([failed]);
  const page = await list({ topologyId: own, limit: 2 });
  expect((await list({ topologyId: own, cursor: page.nextCursor ?? undefined })).items).toEqual([first]);
});

test('an experiment of the shape that other programs write is read with the metrics inside it', async () => {
  const _id = `exp_${randomUUID()}`;
  await domain.stores.documents.put('topology_experiments', {
    _id,
    name: 'Hyperparameter Optimization',
    topology_id: 'topology-123',
    status: 'completed',
    parameters: { batch_size: [16] },
    metrics: [{ epoch: 1, val_acc: 0.82, timestamp: '2024-01-15T10:30:00Z' }, 'no point'],
    results: { best_accuracy: 0.94 },
    created_at: '2024-01-15T10:00:00Z',
    workspace_id: domain.actor.workspaceId,
  });
  expect(await get(_id)).toMatchObject({
    topologyId: 123,
    metrics: [{ epoch: 1, val_acc: 0.82, timestamp: new Date('2024-01-15T10:30:00Z') }],
  });
});

test('nothing of another workspace is read, listed, logged to or completed', async () => {
  const stranger = await aMember(domain.stores, undefined, 'owner');
  const { id } = await create();
  await refused(get(id, stranger), 'not_found');
  await refused(log({ id, metrics: { epoch: 1 } }, domain.stores, stranger), 'not_found');
  await refused(complete({ id, results: {} }, stranger), 'not_found');
  expect((await list({}, stranger)).items).toEqual([]);
  await refused(create({}, stranger), 'not_found');
});

test('a metric point is no experiment', async () => {
  const { id } = await create();
  await log({ id, metrics: { name: 'x', status: 'running', created_at: '2024-01-15T10:30:00Z' }, ids: ['p'] });
  await refused(get(`${id}:m:p`), 'not_found');
  expect((await list()).items.map((experiment) => experiment.name)).not.toContain('x');
});

test('the experiments of a topology go with it, their metrics too', async () => {
  const gone = await aTopology(domain.stores, domain.actor);
  const { id } = await create({ topologyId: gone });
  await log({ id, metrics: Array.from({ length: 450 }, (_, epoch) => ({ epoch })) });
  await domain.stores.db.transaction((tx) => forgetContextOf(tx, domain.actor, gone));
  const query = sql`select count(*)::float8 as count from outbox where workspace_id = ${domain.actor.workspaceId}`;
  for (let round = 0; round < 500; round += 1) {
    await domain.relay.drain();
    const [left] = await rows(domain.stores.db, query, z.object({ count: z.number() }));
    if (left?.count === 0) break;
    await nextPoll(10);
  }
  await refused(get(id), 'not_found');
  const range = { startKey: id, endKey: `${id}~`, limit: 10 };
  expect(await domain.stores.documents.range('topology_experiment_metrics', range)).toEqual([]);
});

test.each<[string, Record<string, unknown>]>([
  ['a key "__proto__"', { metrics: JSON.parse('{"__proto__":1}') }],
  ['a key "__proto__" in a list', { metrics: [{ epoch: 1 }, JSON.parse('{"a":{"__proto__":1}}')] }],
  ['half a surrogate pair', { metrics: { note: '\ud800' } }],
  ['1,001 points', { metrics: Array.from({ length: 1001 }, () => ({})) }],
  ['no point', { metrics: [] }],
  ['a number', { metrics: 1 }],
  ['a point of more than 16 KB', { metrics: { text: 'x'.repeat(17_000) } }],
  ['an id with a colon', { metrics: {}, ids: ['a:m:b'] }],
])('metrics with %s are refused', (_name, changes) => {
  expect(LogExperimentMetricsInput.safeParse({ id: 'exp_1', ...changes }).success).toBe(false);
});
