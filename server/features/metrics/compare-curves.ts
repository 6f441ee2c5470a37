import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { CurvePart } from './contract.ts';
import { coverOf, gridOf } from './grid.ts';
import { levelsOf } from './levels.ts';
import { type Range, selectParts, selectPoints, selectSeries } from './store.ts';

export type ComparedCurves = {
  fromStep: number;
  partSteps: number;
  curves: { runId: number; count: number; parts: CurvePart[] }[];
};

/** The curves of one key of several runs in the same parts of equal width, at most `count` and one more. */
export async function compareCurves(
  db: Database,
  actor: Actor,
  { runIds, key, from, to, count }: Range & { runIds: readonly number[]; key: string; count: number },
): Promise<ComparedCurves> {
  const all = await Promise.all(
    runIds.map(async (runId) => {
      const [series] = await selectSeries(db, actor, runId, { key, limit: 1 });
      if (!series) return { runId, series, first: undefined };
      const [first] = await selectPoints(db, { runId, seriesId: series.id }, { from, to }, 1);
      return { runId, series, first: first?.step };
    }),
  );
  const starts = all.flatMap(({ first }) => first ?? []);
  const range = {
    from: starts.length > 0 ? Math.min(...starts) : from,
    to: Math.min(to, Math.max(from, ...all.map(({ series }) => series?.lastStep ?? 0))),
  };
  const grid = gridOf(range, count, range.to);
  const curves = await Promise.all(
    all.map(async ({ runId, series, first }) => {
      if (!series || first === undefined) return { runId, count: series?.count ?? 0, parts: [] };
      const levels = grid.level === undefined ? [] : levelsOf(series.lastStep);
      const cover = coverOf({ from: range.from, to: range.to + 1 }, levels, grid.level);
      const parts = await selectParts(db, { runId, seriesId: series.id }, cover, grid);
      return { runId, count: series.count, parts };
    }),
  );
  return { fromStep: grid.base, partSteps: grid.width, curves };
}
