import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Curve, CurvePoint } from './contract.ts';
import { coverOf, gridOf } from './grid.ts';
import { levelsOf } from './levels.ts';
import { type FiguresRow, type Range, selectExtremes, selectPoints, selectPointsAt, selectSeries } from './store.ts';

/**
 * A range of a series, both ends included: all of its points where there are at most `limit`, otherwise at most `limit`
 * of them: the first, the last, and in parts of equal width the least, the greatest and the first that is no number.
 * Reads some thousand rows, however many points there are. Undefined where the run has no such series.
 */
export async function readCurve(
  db: Database,
  actor: Actor,
  { runId, key, from, to, limit }: { runId: number; key: string; limit: number } & Range,
): Promise<Curve | undefined> {
  const [series] = await selectSeries(db, actor, runId, { key, limit: 1 });
  if (!series) return undefined;
  const facts = { runId, key, count: series.count };
  const place = { runId, seriesId: series.id };
  const whole = await selectPoints(db, place, { from, to }, limit + 1);
  if (whole.length <= limit) return { ...facts, isSampled: false, points: whole };
  const [first] = whole;
  const [last] = await selectPoints(db, place, { from, to }, 1, true);
  if (!first || !last) return { ...facts, isSampled: false, points: whole };
  return { ...facts, isSampled: true, points: await sample(db, runId, series, { first, last }, limit) };
}

async function sample(
  db: Database,
  runId: number,
  series: FiguresRow,
  { first, last }: { first: CurvePoint; last: CurvePoint },
  limit: number,
): Promise<CurvePoint[]> {
  const place = { runId, seriesId: series.id };
  // The two ends, and for each part two points; one part more than asked for where the grid cuts one in two. A second
  // round with fewer parts where NaN or infinities want a third point.
  for (const perPart of [2, 3]) {
    const { base, width, level } = gridOf(
      { from: first.step, to: last.step },
      Math.floor((limit - 2) / perPart) - 1,
      series.lastStep,
    );
    const cover = coverOf(
      { from: first.step, to: last.step + 1 },
      level === undefined ? [] : levelsOf(series.lastStep),
      level,
    );
    const extremes = await selectExtremes(db, place, cover, { base, width });
    const steps = new Set([first.step, last.step]);
    for (const { min, max, odd } of extremes) for (const step of [min, max, odd]) if (step !== null) steps.add(step);
    if (steps.size <= limit) return selectPointsAt(db, place, [...steps]);
  }
  throw new Error('A sample has more points than were asked for.');
}
