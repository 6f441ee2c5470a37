import { afterAll, beforeAll, expect, test } from 'vitest';
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
const lineage = (input: Parameters<ReturnType<typeof client>['training']['lineage']['query']>[0]) =>
  client().training.lineage.query(input);
const ids = (items: readonly { id: number }[]) => items.map(({ id }) => id);

test('a lineage leads from anything in it to everything else in it, both ways', async () => {
  const topology = await aTopology();
  const module = await client().modules.create.mutate({
    topologyId: topology.id,
    name: 'm',
    rank: 8,
    alpha: 16,
    targetModules: ['q_proj'],
  });
  const dataset = await client().datasets.create.mutate({ name: unique('d') });
  const embedding = Float32Array.from({ length: 384 }, (_, at) => at + 1);
  const chunk = await client().chunks.add.mutate({ datasetId: dataset.id, content: 'text', embedding });
  const start = (more: object) => client().training.start.mutate({ topologyId: topology.id, ...more });
  const run = await start({ name: 'used all', moduleId: module.id, datasets: [{ datasetId: dataset.id }] });
  const version = await ingestTexts(client(), dataset, ['another text']);
  const versioned = await start({ name: 'version without the chunk', datasets: [{ datasetId: dataset.id, version }] });
  const other = await start({ name: 'none of it' });
  const model = await client().models.upload.mutate({ name: unique('model'), modelData: { w: 1 }, runId: run.id });
  const checkpoint = await client().checkpoints.upload.mutate({
    name: 'epoch-1',
    topologyId: topology.id,
    runId: run.id,
    step: 1,
    checkpointData: { epoch: 1 },
  });
  const ofRun = {
    topologies: [{ id: topology.id }],
    modules: [{ id: module.id }],
    datasets: [{ id: dataset.id, version: null, runId: run.id }],
    runs: [{ id: run.id, status: 'running' }],
    modelVersions: [{ modelId: model.modelId, version: 1, runId: run.id }],
    checkpoints: [{ id: checkpoint.id, step: 1, runId: run.id }],
    hasMoreRuns: false,
  };
  for (const subject of [
    { runId: run.id },
    { moduleId: module.id },
    { modelId: model.modelId, modelVersion: 1 },
    { checkpointId: checkpoint.id },
    { datasetId: dataset.id, chunkId: chunk.id },
  ]) {
    expect(await lineage(subject)).toMatchObject(ofRun);
  }
  expect(ids((await lineage({ datasetId: dataset.id })).runs)).toEqual([versioned.id, run.id]);
  expect(ids((await lineage({ datasetId: dataset.id, datasetVersion: version })).runs)).toEqual([versioned.id]);
  const whole = await lineage({ topologyId: topology.id });
  expect(ids(whole.runs)).toEqual([other.id, versioned.id, run.id]);
  expect(whole).toMatchObject({ checkpoints: [{ id: checkpoint.id }], modules: [{ id: module.id }] });
  const response = await nexus.rest('GET', `/api/training/lineage?run_id=${run.id}`);
  expect(await response.json()).toMatchObject({ model_versions: [{ model_id: model.modelId, run_id: run.id }] });
});

test('a chunk leads to the runs of the versions that an ingest put it into, and to no others', async () => {
  const topology = await aTopology();
  const dataset = await client().datasets.create.mutate({ name: unique('d') });
  const texts = { only: unique('only'), both: unique('both'), later: unique('later') };
  const versions = [
    await ingestTexts(client(), dataset, [texts.only, texts.both]),
    await ingestTexts(client(), dataset, [texts.both, texts.later]),
  ];
  const runs: number[] = [];
  for (const version of versions) {
    const datasets = [{ datasetId: dataset.id, version }];
    runs.push((await client().training.start.mutate({ topologyId: topology.id, datasets })).id);
  }
  const [first, second] = runs;
  const { items } = await client().chunks.list.query({ datasetId: dataset.id });
  const runsOf = async (text: string) => {
    const chunkId = items.find(({ content }) => content === text)?.id ?? 0;
    return ids((await lineage({ datasetId: dataset.id, chunkId })).runs);
  };
  expect(await runsOf(texts.only)).toEqual([first]);
  expect(await runsOf(texts.both)).toEqual([second, first]);
  expect(await runsOf(texts.later)).toEqual([second]);
});

test('a lineage of nothing, of two things and of a thing that is not there is refused', async () => {
  const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ data: { reason } });
  await refused(lineage({}), 'invalid_input');
  await refused(lineage({ runId: 1, topologyId: 1 }), 'invalid_input');
  await refused(lineage({ runId: 1, chunkId: 1 }), 'invalid_input');
  for (const name of ['topologyId', 'moduleId', 'datasetId', 'runId', 'modelId', 'checkpointId']) {
    await refused(lineage({ [name]: 999_999_999 }), 'not_found');
  }
});

test('curves of several runs come in the same parts, whatever their lengths and strides', async () => {
  const { id: topologyId } = await aTopology();
  const curve = async (steps: number[], valueAt: (step: number) => number) => {
    const { id: runId } = await client().training.start.mutate({ topologyId, name: `of ${steps.length}` });
    for (let from = 0; from < steps.length; from += 10_000) {
      const part = steps.slice(from, from + 10_000);
      const columns = [{ key: 'x', steps: Float64Array.from(part), values: Float64Array.from(part, valueAt) }];
      await client().training.log.mutate({ runId, columns });
    }
    return { runId, points: steps.map((step) => ({ step, value: valueAt(step) })) };
  };
  const long = await curve(
    Array.from({ length: 12_000 }, (_, at) => at),
    (step) => Math.sin(step / 100),
  );
  const sparse = await curve(
    Array.from({ length: 100 }, (_, at) => at * 70),
    (step) => step,
  );
  const odd = await curve([5, 6000], (step) => (step === 5 ? Number.NaN : 7));
  const none = await client().training.start.mutate({ topologyId });
  const runIds = [long.runId, sparse.runId, odd.runId, none.id];
  for (const range of [{}, { fromStep: 100, toStep: 150, parts: 7 }, { fromStep: 3_333, toStep: 11_111, parts: 9 }]) {
    const compared = await client().training.compare.query({ runIds, key: 'x', ...range });
    expect(compared.runs.map(({ runId }) => runId)).toEqual(runIds);
    const {
      fromStep = 0,
      toStep = Number.MAX_SAFE_INTEGER,
      parts = 100,
    } = range as { fromStep?: number; toStep?: number; parts?: number };
    for (const [at, { points }] of [long, sparse, odd].entries()) {
      const expected = new Map<number, number[]>();
      for (const { step, value } of points.filter((one) => one.step >= fromStep && one.step <= toStep)) {
        const part = Math.floor((step - compared.fromStep) / compared.partSteps);
        expected.set(part, [...(expected.get(part) ?? []), value]);
      }
      const read = compared.runs[at]?.parts ?? [];
      expect(read.map(({ part, count }) => [part, count])).toEqual(
        [...expected].map(([part, values]) => [part, values.length]),
      );
      expect(read.length).toBeLessThanOrEqual(parts + 1);
      for (const { part, mean, min, max } of read) {
        const values = (expected.get(part) ?? []).filter((value) => Number.isFinite(value));
        if (values.length === 0) expect([mean, min, max]).toEqual([null, null, null]);
        else {
          expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
          expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9);
        }
      }
    }
    expect(compared.runs.at(-1)).toMatchObject({ count: 0, parts: [] });
  }
  const missing = client().training.compare.query({ runIds: [999_999_999], key: 'x' });
  await expect(missing).rejects.toMatchObject({ data: { reason: 'not_found' } });
});
