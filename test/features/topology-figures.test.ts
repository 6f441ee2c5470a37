import { randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { topologies } from '../../drizzle/schema/index.ts';
import { selectWrongFigures } from '../../server/features/system/store.ts';
import { refreshFigures } from '../../server/features/system/verify-figures.ts';
import { aMember } from '../support/members.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { openPostgresDomain } from '../support/postgres-domain.ts';

let nexus: Nexus;
let client: NexusClient;
beforeAll(async () => {
  nexus = await startNexus();
  client = nexus.as(nexus.token);
});
afterAll(async () => nexus[Symbol.asyncDispose]());

/** The same choices in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

type Ledger = {
  running: number[];
  accuracies: number[];
  losses: number[];
  completed: number;
  runs: number;
  modules: number[];
  datasets: Set<number>;
  checkpoints: { id: number; text: string }[];
  versions: { modelId: number; version: number; text: string }[];
};

test('the analytics are what was done, after many changes of every kind and several at once', async () => {
  const below = generator(11);
  const { id: topologyId } = await client.topologies.create.mutate({ name: 't', architecture: 'x' });
  const datasets = await Promise.all([0, 1, 2].map(() => client.datasets.create.mutate({ name: `d-${randomUUID()}` })));
  const done: Ledger = {
    running: [],
    accuracies: [],
    losses: [],
    completed: 0,
    runs: 0,
    modules: [],
    datasets: new Set(),
    checkpoints: [],
    versions: [],
  };
  // Few different texts, so that checkpoints and versions share their bytes.
  const aText = () => 'x'.repeat(10 + below(4));
  const used = () => {
    const chosen = datasets.filter(() => below(3) === 0).map(({ id }) => id);
    for (const id of chosen) done.datasets.add(id);
    return chosen.map((datasetId) => ({ datasetId }));
  };
  const changes: (() => Promise<unknown>)[] = [
    async () => {
      const starts = [0, 1, 2].map(() => client.training.start.mutate({ topologyId, datasets: used() }));
      done.running.push(...(await Promise.all(starts)).map(({ id }) => id));
      done.runs += 3;
    },
    async () => {
      const id = done.running.shift();
      if (id === undefined) return;
      const accuracy = below(100) / 100;
      const status = below(3) === 0 ? 'failed' : 'completed';
      await client.training.finish.mutate({ id, status, accuracy });
      if (status === 'completed') done.completed += 1;
      if (status === 'completed') done.accuracies.push(accuracy);
    },
    async () => {
      const loss = below(4) === 0 ? Number.NaN : below(1000) / 7;
      await client.training.saveResults.mutate({ topologyId, datasets: used(), lossValues: [1, loss] });
      done.runs += 1;
      done.completed += 1;
      if (!Number.isNaN(loss)) done.losses.push(loss);
    },
    async () => {
      const given = { topologyId, name: 'm', rank: 8, alpha: 16, targetModules: ['q_proj'] };
      done.modules.push((await client.modules.create.mutate(given)).id);
    },
    async () => {
      const id = done.modules.shift();
      if (id !== undefined) await client.modules.delete.mutate({ id });
    },
    async () => {
      const text = aText();
      const given = { topologyId, name: randomUUID(), checkpointData: { text } };
      done.checkpoints.push({ id: (await client.checkpoints.upload.mutate(given)).id, text });
    },
    async () => {
      const checkpoint = done.checkpoints.shift();
      if (checkpoint) await client.checkpoints.delete.mutate({ id: checkpoint.id });
    },
    async () => {
      const text = aText();
      const given = { topologyId, name: `m-${randomUUID()}`, modelData: { text } };
      done.versions.push({ ...(await client.models.upload.mutate(given)), text });
    },
    async () => {
      const version = done.versions.shift();
      if (version) await client.models.deleteVersion.mutate({ id: version.modelId, version: version.version });
    },
  ];
  for (let step = 0; step < 90; step += 1) await changes[below(changes.length)]?.();

  const bytes = (kept: readonly { text: string }[]) =>
    kept.reduce((sum, { text }) => sum + JSON.stringify({ text }).length, 0);
  const analytics = await client.topologies.analytics.query({ id: topologyId });
  expect(analytics).toMatchObject({
    runCount: done.runs,
    completedRunCount: done.completed,
    bestAccuracy: Math.max(...done.accuracies),
    bestLoss: Math.min(...done.losses),
    moduleCount: done.modules.length,
    datasetCount: done.datasets.size,
    checkpointCount: done.checkpoints.length,
  });
  expect(analytics.averageAccuracy).toBeCloseTo(
    done.accuracies.reduce((sum, one) => sum + one, 0) / done.accuracies.length,
    9,
  );
  expect(analytics.storageBytes).toBeLessThanOrEqual(bytes([...done.checkpoints, ...done.versions]));
  const wrong = async () =>
    (await client.system.verify.query()).findings.filter(({ problem }) => problem === 'figures_wrong');
  expect(await wrong()).toEqual([]);
  await client.topologies.delete.mutate({ id: topologyId });
  await expect(client.topologies.analytics.query({ id: topologyId })).rejects.toMatchObject({
    data: { reason: 'not_found' },
  });
  expect(await wrong()).toEqual([]);
});

test('kept figures that are wrong are found, and worked out anew', async () => {
  await using domain = await openPostgresDomain();
  const { db } = domain.stores;
  const { workspaceId } = await aMember(domain.stores);
  const [row] = await db.insert(topologies).values({ workspaceId, name: 't', architecture: 'x' }).returning();
  const id = row?.id ?? 0;
  expect(await selectWrongFigures(db, [id])).toEqual([]);
  expect(await refreshFigures(db, id)).toBe(false);
  await db.execute(sql`update topology_figures set run_count = 7, best_loss = 1 where topology_id = ${id}`);
  expect(await selectWrongFigures(db, [id])).toEqual([{ topologyId: id, workspaceId }]);
  expect(await refreshFigures(db, id)).toBe(true);
  expect(await selectWrongFigures(db, [id])).toEqual([]);
});

test('a run that diverged has no best loss, however it came to be completed', async () => {
  const { id: topologyId } = await client.topologies.create.mutate({ name: 't', architecture: 'x' });
  const bestLoss = async () => (await client.topologies.analytics.query({ id: topologyId })).bestLoss;
  for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
    await client.training.saveResults.mutate({ topologyId, lossValues: [0.5, value], results: {} });
    const { id: runId } = await client.training.start.mutate({ topologyId });
    await client.training.log.mutate({ runId, points: [{ key: 'loss', step: 1, value }] });
    expect((await client.training.finish.mutate({ id: runId })).finalLoss).toBe(value);
  }
  expect(await bestLoss()).toBeNull();
  await client.training.saveResults.mutate({ topologyId, lossValues: [0.25], results: {} });
  expect(await bestLoss()).toBe(0.25);
  const { findings } = await client.system.verify.query();
  expect(findings.filter(({ problem }) => problem === 'figures_wrong')).toEqual([]);
});
