import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Goal } from './contract.ts';
import { bucketOf, levelsOf } from './levels.ts';
import {
  advanceSeries,
  type BatchFigures,
  type Buckets,
  remeasureSeries,
  rollUp,
  rollUpAll,
  type SeriesRow,
  upsertPoints,
  upsertSeries,
} from './store.ts';

/** Points of one series, each step once and in rising order. */
export type SeriesPoints = { key: string; goal: Goal; steps: number[]; values: number[]; times: number[] };

/**
 * Writes points of a run with the figures and roll-ups that are kept of them. What is read and written besides depends on
 * the points given, never on those that are there. The caller holds the run's lock, and signals after its commit.
 */
export async function appendPoints(
  tx: Transaction,
  actor: Actor,
  { runId, revision }: { runId: number; revision: number },
  given: readonly SeriesPoints[],
): Promise<{ added: number; replaced: number }> {
  const series = new Map((await upsertSeries(tx, actor, runId, given)).map((row) => [row.key, row]));
  const all = given
    .map((points) => {
      const row = series.get(points.key);
      if (!row) throw new Error('A series is not there after its insert.');
      return { points, row };
    })
    .sort((a, b) => a.row.id - b.row.id);
  const written = await upsertPoints(tx, runId, revision, {
    seriesIds: all.flatMap(({ points, row }) => points.steps.map(() => row.id)),
    steps: all.flatMap(({ points }) => points.steps),
    values: all.flatMap(({ points }) => points.values),
    times: all.flatMap(({ points }) => points.times),
  });
  const counts = new Map(written.map((one) => [one.seriesId, one]));
  const changed = all.filter(({ row }) => counts.has(row.id));
  if (changed.length > 0) {
    await advanceSeries(
      tx,
      runId,
      changed.map(({ points, row }) => figuresOfBatch(points, row, counts.get(row.id)?.added ?? 0)),
    );
    await rollUpChanged(tx, runId, changed);
    await remeasure(
      tx,
      runId,
      changed.filter(({ row }) => (counts.get(row.id)?.replaced ?? 0) > 0),
    );
  }
  const total = (of: 'added' | 'replaced') => written.reduce((sum, one) => sum + one[of], 0);
  return { added: total('added'), replaced: total('replaced') };
}

type Changed = { points: SeriesPoints; row: SeriesRow };
const lastStepOf = ({ points, row }: Changed) => Math.max(row.lastStep ?? 0, points.steps.at(-1) ?? 0);

function figuresOfBatch({ steps, values }: SeriesPoints, { id }: SeriesRow, added: number): BatchFigures {
  const figures: BatchFigures = {
    seriesId: id,
    added,
    lastStep: steps.at(-1) ?? 0,
    lastValue: values.at(-1) ?? Number.NaN,
    min: undefined,
    max: undefined,
  };
  for (const [at, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    const point = { value, step: steps[at] ?? 0 };
    if (!figures.min || value < figures.min.value) figures.min = point;
    if (!figures.max || value > figures.max.value) figures.max = point;
  }
  return figures;
}

/** Level by level from below, since each is worked out from the one before. */
async function rollUpChanged(tx: Transaction, runId: number, changed: readonly Changed[]): Promise<void> {
  const touched = new Map<number, Buckets>();
  const started = new Map<number, number[]>();
  for (const one of changed) {
    const had = levelsOf(one.row.lastStep);
    for (const level of levelsOf(lastStepOf(one))) {
      if (!had.includes(level)) {
        started.set(level, [...(started.get(level) ?? []), one.row.id]);
        continue;
      }
      const buckets = touched.get(level) ?? { seriesIds: [], buckets: [] };
      touched.set(level, buckets);
      for (const bucket of new Set(one.points.steps.map((step) => bucketOf(step, level)))) {
        buckets.seriesIds.push(one.row.id);
        buckets.buckets.push(bucket);
      }
    }
  }
  for (const level of [...new Set([...touched.keys(), ...started.keys()])].sort((a, b) => a - b)) {
    const [some, whole] = [touched.get(level), started.get(level)];
    if (some) await rollUp(tx, runId, level, some);
    if (whole) await rollUpAll(tx, runId, level, whole);
  }
}

async function remeasure(tx: Transaction, runId: number, replaced: readonly Changed[]): Promise<void> {
  const byLevel = new Map<number | undefined, number[]>();
  for (const one of replaced) {
    const top = levelsOf(lastStepOf(one)).at(-1);
    byLevel.set(top, [...(byLevel.get(top) ?? []), one.row.id]);
  }
  for (const [level, ids] of byLevel) await remeasureSeries(tx, runId, level, ids);
}
