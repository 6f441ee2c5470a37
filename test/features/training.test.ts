import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingestTexts } from '../support/ingest-texts.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';

let nexus: Nexus;
beforeAll(async () => {
  nexus = await startNexus();
});
afterAll(async () => nexus[Symbol.asyncDispose]());

const client = () => nexus.as(nexus.token);
const unique = (name: string) => `${name}-${crypto.randomUUID()}`;
const aTopology = () => client().topologies.create.mutate({ name: unique('t'), architecture: 'transformer' });
async function aRun(more: Partial<Parameters<ReturnType<typeof client>['training']['start']['mutate']>[0]> = {}) {
  const { id: topologyId } = await aTopology();
  return client().training.start.mutate({ topologyId, ...more });
}
const refused = (work: Promise<unknown>, reason: string, words = '') =>
  expect(work).rejects.toMatchObject({ message: expect.stringContaining(words), data: { reason } });
const column = (key: string, values: readonly number[], firstStep = 0) => ({
  key,
  steps: Float64Array.from(values, (_, at) => firstStep + at),
  values: Float64Array.from(values),
});

describe('runs', () => {
  test('a finished run is stored in one call and reads back the same', async () => {
    const { id: topologyId } = await aTopology();
    const dataset = await client().datasets.create.mutate({ name: unique('d') });
    for (const text of ['first', 'second']) await ingestTexts(client(), dataset, [text]);
    const saved = await client().training.saveResults.mutate({
      topologyId: `topology-${topologyId}`,
      datasets: [{ datasetId: dataset.id, version: 2 }],
      results: { final_model: 'path/to/model.pt' },
      lossValues: [0.8, 0.5, 0.3, 0.15],
      accuracy: 0.94,
      epochs: 4,
      params: { optimizer: { name: 'adamw', lr: 0.001 } },
      tags: ['first'],
      codeVersion: 'abc123',
    });
    expect(saved).toMatchObject({
      topologyId,
      datasets: [{ datasetId: dataset.id, version: 2 }],
      status: 'completed',
      results: { final_model: 'path/to/model.pt' },
      lossValues: [0.8, 0.5, 0.3, 0.15],
      accuracy: 0.94,
      epochs: 4,
      finalLoss: 0.15,
      params: { optimizer: { name: 'adamw', lr: 0.001 } },
      leaseExpiresAt: null,
      pointCount: 4,
    });
    expect(saved.series).toMatchObject([
      { key: 'loss', count: 4, min: 0.15, best: 0.15, bestStep: 4, max: 0.8, lastStep: 4 },
    ]);
    expect(await client().training.get.query({ id: saved.id })).toEqual(saved);
    const analytics = await client().topologies.analytics.query({ id: topologyId });
    expect(analytics).toMatchObject({ runCount: 1, bestAccuracy: 0.94, bestLoss: 0.15, datasetCount: 1 });
  });

  test('a version that its dataset does not have is refused by its field, its value and the remedy', async () => {
    const { id: topologyId } = await aTopology();
    const datasets = await Promise.all([0, 1].map(() => client().datasets.create.mutate({ name: unique('d') })));
    const [versioned, bare] = datasets.map(({ id }) => id);
    for (const text of ['first', 'second']) await ingestTexts(client(), datasets[0] ?? { id: 0, name: '' }, [text]);
    const start = (version: number, datasetId = versioned ?? 0) =>
      client().training.start.mutate({ topologyId, datasets: [{ datasetId, version }] });
    expect(await start(2)).toMatchObject({ datasets: [{ datasetId: versioned, version: 2 }] });
    const message = `datasets.0.version is 3, but dataset ${versioned} has the versions 1 to 2`;
    await expect(start(3)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      data: { reason: 'invalid_input', details: { field: 'datasets.0.version', value: 3 } },
    });
    await refused(start(1, bare), 'invalid_input', 'has no version yet; ingest a file');
    const results = { topologyId, datasets: [{ datasetId: versioned ?? 0, version: 3 }] };
    await refused(client().training.saveResults.mutate(results), 'invalid_input', 'datasets.0.version is 3');
  });

  test('what a run is called and what is said of it changes at any time, and nothing else of it', async () => {
    const { id: topologyId } = await aTopology();
    const run = await client().training.saveResults.mutate({ topologyId, accuracy: 0.5, tags: ['old'], notes: 'n' });
    const named = await client().training.update.mutate({ id: run.id, name: 'best so far', tags: ['new', 'kept'] });
    const { lossValues: _, series: __, updatedAt: ___, ...before } = run;
    expect(named).toMatchObject({ ...before, name: 'best so far', tags: ['new', 'kept'] });
    const found = await client().training.list.query({ topologyId, filter: { tag: 'kept' } });
    expect(found.items.map(({ id }) => id)).toEqual([run.id]);
    const response = await nexus.rest('PATCH', `/api/training/runs/${run.id}`, { notes: 'overfits' });
    expect(await response.json()).toMatchObject({ id: run.id, notes: 'overfits', tags: ['new', 'kept'] });
    await refused(client().training.update.mutate({ id: 999_999_999, name: 'x' }), 'not_found');
    await refused(client().training.update.mutate({ id: run.id, tags: [''] }), 'invalid_input');
  });

  test('by REST the same in snake_case, with NaN and infinities as words', async () => {
    const { id } = await aTopology();
    const response = await nexus.rest('POST', '/api/training/results', {
      topology_id: id,
      results: { finalModel: 'x' },
      loss_values: [1, 'NaN', '-Infinity', 'Infinity'],
      accuracy: 0.5,
    });
    expect(response.status).toBe(201);
    const body = await response.json();
    expect(body).toMatchObject({
      topology_id: id,
      results: { finalModel: 'x' },
      loss_values: [1, 'NaN', '-Infinity', 'Infinity'],
      final_loss: 'Infinity',
      epochs: 4,
    });
    const history = await nexus.rest('GET', `/api/training/runs/${Object(body).id}/history?key=loss&from_step=2`);
    expect(await history.json()).toMatchObject({ is_sampled: false, points: [{ step: 2, value: 'NaN' }, {}, {}] });
    expect((await client().training.get.query({ id: Object(body).id })).lossValues).toEqual([
      1,
      Number.NaN,
      -Infinity,
      Infinity,
    ]);
  });

  test('what a run refers to must be there, in its workspace and of its topology', async () => {
    const { id: topologyId } = await aTopology();
    const { id: otherTopologyId } = await aTopology();
    const module = await client().modules.create.mutate({
      topologyId: otherTopologyId,
      name: 'm',
      rank: 8,
      alpha: 16,
      targetModules: ['q_proj'],
    });
    const start = client().training.start.mutate;
    await refused(start({ topologyId: 999_999_999 }), 'not_found', 'topology');
    await refused(start({ topologyId, moduleId: module.id }), 'invalid_input', 'belongs to topology');
    await refused(start({ topologyId, datasets: [{ datasetId: 999_999_999 }] }), 'not_found', 'dataset');
    await refused(start({ topologyId, parentRunId: 999_999_999 }), 'not_found', 'training run');
  });

  test('params of 1 MiB, a share above 1 and a dataset named twice are refused', async () => {
    const { id: topologyId } = await aTopology();
    const start = client().training.start.mutate;
    await refused(start({ topologyId, params: { text: 'x'.repeat(1024 * 1024) } }), 'invalid_input', 'params');
    await refused(start({ topologyId, datasets: [{ datasetId: 1 }, { datasetId: 1 }] }), 'invalid_input', 'once');
    await refused(client().training.saveResults.mutate({ topologyId, accuracy: 94 }), 'invalid_input', 'accuracy');
  });

  test('of two different ends at once one stands, and the same end again is answered as the first was', async () => {
    const { id } = await aRun();
    await client().training.log.mutate({ runId: id, points: [{ key: 'loss', step: 1, value: 0.25 }] });
    const finish = client().training.finish.mutate;
    const ends = await Promise.allSettled([
      finish({ id, accuracy: 0.1 }),
      finish({ id, status: 'failed', notes: 'out of memory' }),
    ]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const run = await client().training.get.query({ id });
    expect(run).toMatchObject({ finalLoss: 0.25, leaseExpiresAt: null });
    const again =
      run.status === 'completed' ? { accuracy: 0.1 } : { status: 'failed' as const, notes: 'out of memory' };
    expect(await finish({ id, ...again })).toMatchObject({ status: run.status, finishedAt: run.finishedAt });
    await refused(finish({ id, results: { other: true } }), 'conflict');
  });

  test('the runs of a topology, a dataset, a status or a sweep are listed newest first, in pages', async () => {
    const sweep = await aRun();
    const dataset = await client().datasets.create.mutate({ name: unique('d') });
    const trial = { topologyId: sweep.topologyId, parentRunId: sweep.id, datasets: [{ datasetId: dataset.id }] };
    const trials: number[] = [];
    for (let n = 0; n < 3; n += 1) trials.unshift((await client().training.start.mutate(trial)).id);
    await client().training.finish.mutate({ id: trials[0] ?? 0 });
    const list = async (input: Parameters<ReturnType<typeof client>['training']['list']['query']>[0]) =>
      (await client().training.list.query(input)).items.map(({ id }) => id);
    expect(await list({ topologyId: sweep.topologyId })).toEqual([...trials, sweep.id]);
    expect(await list({ datasetId: dataset.id })).toEqual(trials);
    expect(await list({ parentRunId: sweep.id, status: 'running' })).toEqual(trials.slice(1));
    const page = await client().training.list.query({ parentRunId: sweep.id, limit: 2 });
    expect(await list({ parentRunId: sweep.id, cursor: page.nextCursor ?? undefined })).toEqual(trials.slice(2));
    await refused(client().datasets.delete.mutate({ id: dataset.id }), 'conflict');
  });
});

describe('points', () => {
  test('the same points again change nothing, another value is the later one, and both are counted', async () => {
    const { id: runId } = await aRun();
    const log = client().training.log.mutate;
    const points = [
      { key: 'loss', step: 1, value: 3 },
      { key: 'loss', step: 2, value: Number.NaN },
      { key: 'loss', step: 3, value: Number.POSITIVE_INFINITY },
      { key: 'acc', step: 1, value: 0.5 },
    ];
    expect(await log({ runId, points })).toMatchObject({ added: 4, same: 0, replaced: 0, revision: 1 });
    expect(await log({ runId, points })).toMatchObject({ added: 0, same: 4, replaced: 0, revision: 1 });
    const twice = [
      { key: 'loss', step: 1, value: 9 },
      { key: 'loss', step: 1, value: 2 },
      { key: 'loss', step: 4, value: 1 },
      { key: 'loss', step: 4, value: 1 },
    ];
    expect(await log({ runId, points: twice })).toMatchObject({ added: 1, same: 1, replaced: 2, revision: 2 });
    const { points: read } = await client().training.history.query({ runId, key: 'loss' });
    expect(read.map(({ value }) => value)).toEqual([2, Number.NaN, Number.POSITIVE_INFINITY, 1]);
    expect((await client().training.get.query({ id: runId })).series).toMatchObject([
      { key: 'acc', goal: 'max', best: 0.5 },
      { key: 'loss', count: 4, min: 1, minStep: 4, max: 2, maxStep: 1, last: 1, lastStep: 4, bestStep: 4 },
    ]);
  });

  test('the same call many times in flight adds each point once', async () => {
    const { id: runId } = await aRun();
    const columns = [
      column(
        'loss',
        Array.from({ length: 500 }, (_, at) => at),
      ),
      column('lr', [1, 2, 3]),
    ];
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => client().training.log.mutate({ runId, columns })),
    );
    expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(503);
    expect(answers.reduce((sum, { same }) => sum + same, 0)).toBe(503 * 7);
    expect(await client().training.get.query({ id: runId })).toMatchObject({ pointCount: 503, revision: 1 });
  });

  test('a point keeps its time, and NaN and infinities survive columns', async () => {
    const { id: runId } = await aRun();
    const odd = {
      ...column('odd', [Number.NaN, -Infinity, Infinity, -0]),
      times: Float64Array.of(1e12, 2e12, 3e12, 4e12),
    };
    await client().training.log.mutate({ runId, columns: [odd] });
    const { points } = await client().training.history.query({ runId, key: 'odd' });
    expect(points.map(({ time }) => time.getTime())).toEqual([1e12, 2e12, 3e12, 4e12]);
    expect(points.map(({ value }) => value)).toEqual([Number.NaN, -Infinity, Infinity, -0]);
  });

  test.each([2 ** 53, -1, 1.5])('a step of %d is refused, by points and by columns', async (step) => {
    const { id: runId } = await aRun();
    const log = client().training.log.mutate;
    await refused(log({ runId, points: [{ key: 'loss', step, value: 1 }] }), 'invalid_input', 'points.0.step');
    const columns = [{ key: 'loss', steps: Float64Array.of(step), values: Float64Array.of(1) }];
    await refused(log({ runId, columns }), 'invalid_input', 'columns.0.steps');
  });

  test('a key of 300 characters, no point, 10,001 points and columns of two lengths are refused, and none is written', async () => {
    const { id: runId } = await aRun();
    const log = client().training.log.mutate;
    await refused(
      log({ runId, points: [{ key: 'k'.repeat(300), step: 1, value: 1 }] }),
      'invalid_input',
      'points.0.key',
    );
    await refused(log({ runId, points: [] }), 'invalid_input', '10000 points');
    const many = Array.from({ length: 10_001 }, (_, step) => ({ key: 'loss', step, value: step }));
    await refused(log({ runId, points: many }), 'invalid_input');
    await refused(
      log({ runId, columns: [column('a', Array(6000).fill(1)), column('b', Array(4001).fill(1))] }),
      'invalid_input',
      '10000',
    );
    await refused(
      log({ runId, columns: [{ ...column('a', [1, 2]), values: Float64Array.of(1) }] }),
      'invalid_input',
      'one number a step',
    );
    expect(await client().training.get.query({ id: runId })).toMatchObject({ pointCount: 0, series: [] });
  });

  test('a finished run and one of nobody take no points', async () => {
    const { id: runId } = await aRun();
    await client().training.finish.mutate({ id: runId });
    const points = [{ key: 'loss', step: 1, value: 1 }];
    await refused(client().training.log.mutate({ runId, points }), 'precondition_failed', 'completed');
    await refused(client().training.log.mutate({ runId: 999_999_999, points }), 'not_found');
    await refused(client().training.history.query({ runId, key: 'loss' }), 'not_found', 'no series');
    await refused(client().training.history.query({ runId: 999_999_999, key: 'loss' }), 'not_found', 'training run');
  });
});

/** A curve with one spike up and one down that any thinning out would lose. */
const curve = (count: number, stride = 1) =>
  Array.from({ length: count }, (_, at) => ({
    step: at * stride,
    value: at === 7_003 ? 1e6 : at === 11_111 ? -1e6 : Math.sin(at / 500),
  }));

describe('history', () => {
  test('a long curve comes as points that were logged, at most as many as asked for, with its ends and every spike', async () => {
    const { id: runId } = await aRun();
    const all = curve(30_000);
    // Not in the order of the steps, and some of them twice.
    for (const [from, to] of [
      [20_000, 30_000],
      [0, 10_000],
      [9_000, 19_000],
      [15_000, 20_000],
    ] as const) {
      const part = all.slice(from, to);
      const columns = [
        {
          key: 'x',
          steps: Float64Array.from(part, ({ step }) => step),
          values: Float64Array.from(part, ({ value }) => value),
        },
      ];
      await client().training.log.mutate({ runId, columns });
    }
    for (const [fromStep, toStep] of [
      [0, 29_999],
      [7_000, 11_115],
      [1, 29_998],
      [5_000, 7_003],
      [11_111, 14_000],
      [0, 100_000],
    ] as const) {
      for (const points of [10, 500]) {
        const read = await client().training.history.query({ runId, key: 'x', fromStep, toStep, points });
        const inRange = all.slice(fromStep, toStep + 1);
        expect(read).toMatchObject({ count: 30_000, isSampled: inRange.length > points });
        expect(read.points.length).toBeLessThanOrEqual(points);
        expect(read.points.length).toBeGreaterThan(points / 4);
        const pairs = read.points.map(({ step, value }) => ({ step, value }));
        expect(pairs).toEqual(pairs.map(({ step }) => all[step]));
        expect(pairs).toEqual(pairs.toSorted((a, b) => a.step - b.step));
        expect([pairs[0], pairs.at(-1)]).toEqual([inRange[0], inRange.at(-1)]);
        const values = inRange.map(({ value }) => value);
        expect(pairs.map(({ value }) => value)).toEqual(
          expect.arrayContaining([Math.min(...values), Math.max(...values)]),
        );
      }
    }
  });

  test('a NaN in a long curve is not lost, and a spike that is corrected is gone from curve and figures', async () => {
    const { id: runId } = await aRun();
    const all = curve(20_000, 10);
    const log = (part: typeof all) =>
      client().training.log.mutate({
        runId,
        columns: [
          {
            key: 'x',
            steps: Float64Array.from(part, ({ step }) => step),
            values: Float64Array.from(part, ({ value }) => value),
          },
        ],
      });
    await log(all.slice(0, 10_000));
    await log(all.slice(10_000));
    expect(
      await log([
        { step: 70_030, value: 0 },
        { step: 111_110, value: 0 },
        { step: 42_420, value: Number.NaN },
      ]),
    ).toMatchObject({ replaced: 3 });
    const { points } = await client().training.history.query({ runId, key: 'x', points: 50 });
    expect(points).toContainEqual(expect.objectContaining({ step: 42_420, value: Number.NaN }));
    expect(points.length).toBeLessThanOrEqual(50);
    expect(points.every(({ value }) => !(Math.abs(value) > 1))).toBe(true);
    const [figures] = (await client().training.get.query({ id: runId })).series;
    expect(figures).toMatchObject({ count: 20_000 });
    const finite = all.filter(({ step }) => ![70_030, 111_110, 42_420].includes(step)).map(({ value }) => value);
    expect([figures?.min, figures?.max]).toEqual([Math.min(...finite), Math.max(...finite)]);
  });

  test('steps as far apart as they may be are read back', async () => {
    const { id: runId } = await aRun();
    const steps = Array.from({ length: 54 }, (_, bit) => 2 ** bit - 1);
    for (const step of steps) await client().training.log.mutate({ runId, points: [{ key: 'x', step, value: step }] });
    const whole = await client().training.history.query({ runId, key: 'x' });
    expect(whole.points.map(({ step }) => step)).toEqual(steps);
    const some = await client().training.history.query({ runId, key: 'x', points: 20 });
    expect(some.points.at(-1)?.step).toBe(2 ** 53 - 1);
  });
});
