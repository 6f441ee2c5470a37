import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import { CurvePart, type CurvePoint, type Goal, type SeriesFigures } from './contract.ts';
import { firstLevel, levelSpacing } from './levels.ts';

/** One parameter for a whole column: ten thousand points are far more than a statement may have parameters. */
const column = (values: ArrayLike<number>, type: 'bigint' | 'float8') =>
  sql`${`{${Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value)).join(',')}}`}::text::${sql.raw(type)}[]`;
const texts = (values: readonly string[]) => sql`${sql.param(values)}::text[]`;
/** NaN is greater than any number to PostgreSQL. */
const isNumber = (value: SQL) =>
  sql`(${value} between -1.7976931348623157e308::float8 and 1.7976931348623157e308::float8)`;

export type SeriesRow = { id: number; key: string; lastStep: number | null };
const SeriesRow = z.object({ id: z.number(), key: z.string(), lastStep: z.number().nullable() });

/** The series of these keys, made where they are missing. The caller holds the run, so that nobody else makes them. */
export async function upsertSeries(
  tx: Transaction,
  actor: Actor,
  runId: number,
  wanted: readonly { key: string; goal: Goal }[],
): Promise<SeriesRow[]> {
  const keys = wanted.map(({ key }) => key);
  const fields = sql`id::float8 as id, key, last_step::float8 as "lastStep"`;
  const found = await rows(
    tx,
    sql`select ${fields} from metric_series where run_id = ${runId} and key = any(${texts(keys)})`,
    SeriesRow,
  );
  const known = new Set(found.map(({ key }) => key));
  const missing = wanted.filter(({ key }) => !known.has(key));
  if (missing.length === 0) return found;
  const made = await rows(
    tx,
    sql`insert into metric_series (workspace_id, created_by, run_id, key, goal)
      select ${actor.workspaceId}::bigint, ${actor.userId}::bigint, ${runId}::bigint, key, goal
      from unnest(${texts(missing.map(({ key }) => key))}, ${texts(missing.map(({ goal }) => goal))}) as given (key, goal)
      returning ${fields}`,
    SeriesRow,
  );
  return [...found, ...made];
}

export type PointColumns = { seriesIds: number[]; steps: number[]; values: number[]; times: number[] };
const Written = z.object({ seriesId: z.number(), added: z.number(), replaced: z.number() });
export type Written = z.infer<typeof Written>;

/** Writes points, each step of a series once; what is there with the same value stays as it is. Counts by series. */
export function upsertPoints(
  tx: Transaction,
  runId: number,
  revision: number,
  points: PointColumns,
): Promise<Written[]> {
  const query = sql`
    with written as (
      insert into metric_points (run_id, series_id, step, value, recorded_at, revision)
      select ${runId}::bigint, series_id, step, value, to_timestamp(at / 1000), ${revision}::bigint
      from unnest(${column(points.seriesIds, 'bigint')}, ${column(points.steps, 'bigint')},
        ${column(points.values, 'float8')}, ${column(points.times, 'float8')}) as given (series_id, step, value, at)
      on conflict (run_id, series_id, step)
        do update set value = excluded.value, recorded_at = excluded.recorded_at, revision = excluded.revision
        where metric_points.value <> excluded.value
      returning series_id, xmax = 0 as is_new)
    select series_id::float8 as "seriesId", count(*) filter (where is_new)::float8 as added,
      count(*) filter (where not is_new)::float8 as replaced
    from written group by series_id`;
  return rows(tx, query, Written);
}

/** The least and greatest finite value of rows with their first steps, as five columns. `below` names what is read. */
const fromPoints = sql`count(*) as count, count(*) filter (where ${isNumber(sql`value`)}) as finite_count,
  coalesce(sum(value) filter (where ${isNumber(sql`value`)}), 0) as sum,
  min(value) filter (where ${isNumber(sql`value`)}) as min_value,
  (array_agg(step order by value, step) filter (where ${isNumber(sql`value`)}))[1] as min_step,
  max(value) filter (where ${isNumber(sql`value`)}) as max_value,
  (array_agg(step order by value desc, step) filter (where ${isNumber(sql`value`)}))[1] as max_step,
  min(step) filter (where not ${isNumber(sql`value`)}) as odd_step`;
const fromRollups = sql`sum(count) as count, sum(finite_count) as finite_count, sum(sum) as sum,
  min(min_value) as min_value,
  (array_agg(min_step order by min_value, min_step) filter (where min_step is not null))[1] as min_step,
  max(max_value) as max_value,
  (array_agg(max_step order by max_value desc, max_step) filter (where max_step is not null))[1] as max_step,
  min(odd_step) as odd_step`;

const upsertRollup = sql`
  on conflict (run_id, series_id, level, bucket) do update set count = excluded.count,
    finite_count = excluded.finite_count, sum = excluded.sum, min_value = excluded.min_value,
    min_step = excluded.min_step, max_value = excluded.max_value, max_step = excluded.max_step,
    odd_step = excluded.odd_step`;
const rollupColumns = sql`(run_id, series_id, level, bucket, count, finite_count, sum, min_value, min_step, max_value,
  max_step, odd_step)`;

export type Buckets = { seriesIds: number[]; buckets: number[] };

/** Works these buckets of one level out anew, from the level below or, for the first, from the points. */
export async function rollUp(
  tx: Transaction,
  runId: number,
  level: number,
  { seriesIds, buckets }: Buckets,
): Promise<void> {
  const width = level === firstLevel ? 2 ** firstLevel : 2 ** levelSpacing;
  const below =
    level === firstLevel
      ? sql`select ${fromPoints} from metric_points
          where run_id = ${runId} and series_id = given.series_id
            and step >= given.bucket * ${width}::bigint and step < (given.bucket + 1) * ${width}::bigint`
      : sql`select ${fromRollups} from metric_rollups
          where run_id = ${runId} and series_id = given.series_id and level = ${level - levelSpacing}
            and bucket >= given.bucket * ${width}::bigint and bucket < (given.bucket + 1) * ${width}::bigint`;
  await tx.execute(sql`
    insert into metric_rollups ${rollupColumns}
    select ${runId}::bigint, given.series_id, ${level}::smallint, given.bucket, below.*
    from unnest(${column(seriesIds, 'bigint')}, ${column(buckets, 'bigint')}) as given (series_id, bucket)
      cross join lateral (${below}) as below
    where below.count > 0 ${upsertRollup}`);
}

/** Works a whole level of a series out, which it did not have before. */
export async function rollUpAll(
  tx: Transaction,
  runId: number,
  level: number,
  seriesIds: readonly number[],
): Promise<void> {
  const ids = column(seriesIds, 'bigint');
  const source =
    level === firstLevel
      ? sql`select series_id, step >> ${firstLevel} as place, ${fromPoints} from metric_points
          where run_id = ${runId} and series_id = any(${ids}) group by series_id, place`
      : sql`select series_id, bucket >> ${levelSpacing} as place, ${fromRollups} from metric_rollups
          where run_id = ${runId} and series_id = any(${ids}) and level = ${level - levelSpacing}
          group by series_id, place`;
  await tx.execute(sql`
    insert into metric_rollups ${rollupColumns}
    select ${runId}::bigint, series_id, ${level}::smallint, place, count, finite_count, sum, min_value, min_step,
      max_value, max_step, odd_step
    from (${source}) as source ${upsertRollup}`);
}

export type BatchFigures = {
  seriesId: number;
  added: number;
  lastStep: number;
  lastValue: number;
  min: { value: number; step: number } | undefined;
  max: { value: number; step: number } | undefined;
};

/** Brings the figures of series on by those of the points that were just written. */
export async function advanceSeries(tx: Transaction, runId: number, figures: readonly BatchFigures[]): Promise<void> {
  const numbers = (of: (one: BatchFigures) => number | undefined, type: 'bigint' | 'float8') =>
    sql`${`{${figures.map((one) => of(one) ?? 'NULL').join(',')}}`}::text::${sql.raw(type)}[]`;
  const isLess = sql`(s.min_value is null or (g.min_value, g.min_step) < (s.min_value, s.min_step))`;
  const isMore = sql`(s.max_value is null or (g.max_value, -g.max_step) > (s.max_value, -s.max_step))`;
  await tx.execute(sql`
    update metric_series s set
      updated_at = now(),
      count = s.count + g.added,
      last_step = greatest(s.last_step, g.last_step),
      last_value = case when g.last_step >= coalesce(s.last_step, -1) then g.last_value else s.last_value end,
      min_value = case when ${isLess} then coalesce(g.min_value, s.min_value) else s.min_value end,
      min_step = case when ${isLess} then coalesce(g.min_step, s.min_step) else s.min_step end,
      max_value = case when ${isMore} then coalesce(g.max_value, s.max_value) else s.max_value end,
      max_step = case when ${isMore} then coalesce(g.max_step, s.max_step) else s.max_step end
    from unnest(${numbers((one) => one.seriesId, 'bigint')}, ${numbers((one) => one.added, 'bigint')},
      ${numbers((one) => one.lastStep, 'bigint')}, ${numbers((one) => one.lastValue, 'float8')},
      ${numbers((one) => one.min?.value, 'float8')}, ${numbers((one) => one.min?.step, 'bigint')},
      ${numbers((one) => one.max?.value, 'float8')}, ${numbers((one) => one.max?.step, 'bigint')})
      as g (series_id, added, last_step, last_value, min_value, min_step, max_value, max_step)
    where s.run_id = ${runId} and s.id = g.series_id`);
}

/** Works least and greatest out anew, of series that lost a value; `level` is the highest one that they have. */
export async function remeasureSeries(
  tx: Transaction,
  runId: number,
  level: number | undefined,
  seriesIds: readonly number[],
): Promise<void> {
  const whole =
    level === undefined
      ? sql`select series_id, ${fromPoints} from metric_points
          where run_id = ${runId} and series_id = any(${column(seriesIds, 'bigint')}) group by series_id`
      : sql`select series_id, ${fromRollups} from metric_rollups
          where run_id = ${runId} and series_id = any(${column(seriesIds, 'bigint')}) and level = ${level} group by series_id`;
  await tx.execute(sql`
    update metric_series s
    set min_value = m.min_value, min_step = m.min_step, max_value = m.max_value, max_step = m.max_step
    from (${whole}) as m where s.run_id = ${runId} and s.id = m.series_id`);
}

const FiguresRow = z.object({
  id: z.number(),
  key: z.string(),
  goal: z.enum(['min', 'max']),
  count: z.number(),
  lastStep: z.number().nullable(),
  last: z.custom<number>((value) => typeof value === 'number').nullable(),
  min: z.number().nullable(),
  minStep: z.number().nullable(),
  max: z.number().nullable(),
  maxStep: z.number().nullable(),
});
export type FiguresRow = z.infer<typeof FiguresRow>;

/** Series of a run by their keys, in the order of these; all of them where no key is given, at most `limit`. */
export function selectSeries(
  db: Database,
  actor: Actor,
  runId: number,
  { key, limit }: { key?: string; limit: number },
): Promise<FiguresRow[]> {
  const query = sql`
    select id::float8 as id, key, goal, count::float8 as count, last_step::float8 as "lastStep", last_value as last,
      min_value as min, min_step::float8 as "minStep", max_value as max, max_step::float8 as "maxStep"
    from metric_series
    where workspace_id = ${actor.workspaceId} and run_id = ${runId} ${key === undefined ? sql`` : sql`and key = ${key}`}
    order by key limit ${limit}`;
  return rows(db, query, FiguresRow);
}

const PointRow = z
  .object({ step: z.number(), value: z.custom<number>((value) => typeof value === 'number'), at: z.number() })
  .transform(({ at, ...point }): CurvePoint => ({ ...point, time: new Date(at) }));
const pointFields = sql`step::float8 as step, value, (extract(epoch from recorded_at) * 1000)::float8 as at`;

export type Range = { from: number; to: number };

/** The first points of a range, both ends included, in the order of their steps; the last ones where `isReversed`. */
export function selectPoints(
  db: Database,
  place: { runId: number; seriesId: number },
  { from, to }: Range,
  limit: number,
  isReversed = false,
): Promise<CurvePoint[]> {
  const query = sql`
    select ${pointFields} from metric_points
    where run_id = ${place.runId} and series_id = ${place.seriesId} and step between ${from}::bigint and ${to}::bigint
    order by metric_points.step ${isReversed ? sql`desc` : sql``} limit ${limit}`;
  return rows(db, query, PointRow);
}

/** The points of these steps, in their order. */
export function selectPointsAt(
  db: Database,
  place: { runId: number; seriesId: number },
  steps: readonly number[],
): Promise<CurvePoint[]> {
  const query = sql`
    select ${pointFields} from metric_points
    where run_id = ${place.runId} and series_id = ${place.seriesId} and step = any(${column(steps, 'bigint')})
    order by metric_points.step`;
  return rows(db, query, PointRow);
}

/** The sources of a range: buckets of levels, and steps for the rest; each `to` excluded. */
export type Cover = { buckets: (Range & { level: number })[]; steps: Range[] };

const Extremes = z.object({ min: z.number().nullable(), max: z.number().nullable(), odd: z.number().nullable() });

/** The rows that a cover names, each with the step `at` which it begins. */
function partsOf(place: { runId: number; seriesId: number }, cover: Cover): SQL {
  const buckets = (of: (one: Cover['buckets'][number]) => number) => column(cover.buckets.map(of), 'bigint');
  const steps = (of: (one: Range) => number) => column(cover.steps.map(of), 'bigint');
  // One scan of the index a range, by `offset 0`: joined, they might become one scan of everything.
  return sql`
    select r.bucket << r.level as at, r.count, r.finite_count, r.sum, r.min_value, r.min_step, r.max_value, r.max_step,
      r.odd_step
    from unnest(${buckets((one) => one.level)}, ${buckets((one) => one.from)}, ${buckets((one) => one.to)})
      as given (level, lo, hi)
    cross join lateral (
      select * from metric_rollups where run_id = ${place.runId} and series_id = ${place.seriesId}
        and level = given.level::smallint and bucket >= given.lo and bucket < given.hi offset 0) as r
    union all
    select p.step, 1, p.is_finite::int, case when p.is_finite then p.value else 0 end,
      case when p.is_finite then p.value end, case when p.is_finite then p.step end,
      case when p.is_finite then p.value end, case when p.is_finite then p.step end,
      case when not p.is_finite then p.step end
    from unnest(${steps((one) => one.from)}, ${steps((one) => one.to)}) as given (lo, hi)
    cross join lateral (
      select step, value, ${isNumber(sql`value`)} as is_finite from metric_points
      where run_id = ${place.runId} and series_id = ${place.seriesId} and step >= given.lo and step < given.hi
      offset 0) as p`;
}

export type Grid = { base: number; width: number };

/** The steps of the least and the greatest finite value, and of the first other one, in each part of a grid. */
export function selectExtremes(
  db: Database,
  place: { runId: number; seriesId: number },
  cover: Cover,
  { base, width }: Grid,
): Promise<z.infer<typeof Extremes>[]> {
  const query = sql`
    select
      ((array_agg(min_step order by min_value, min_step) filter (where min_step is not null))[1])::float8 as min,
      ((array_agg(max_step order by max_value desc, max_step) filter (where max_step is not null))[1])::float8 as max,
      min(odd_step)::float8 as odd
    from (${partsOf(place, cover)}) as parts group by (at - ${base}::bigint) / ${width}::bigint`;
  return rows(db, query, Extremes);
}

/** Aggregates of each part of a grid that has points, in order. */
export function selectParts(
  db: Database,
  place: { runId: number; seriesId: number },
  cover: Cover,
  { base, width }: Grid,
): Promise<CurvePart[]> {
  const query = sql`
    select ((at - ${base}::bigint) / ${width}::bigint)::float8 as part, sum(count)::float8 as count,
      sum(sum) / nullif(sum(finite_count), 0)::float8 as mean, min(min_value) as min, max(max_value) as max
    from (${partsOf(place, cover)}) as parts group by part order by part`;
  return rows(db, query, CurvePart);
}

export function figuresOf({ id: _, ...row }: FiguresRow): SeriesFigures {
  const best = row.goal === 'min' ? { best: row.min, bestStep: row.minStep } : { best: row.max, bestStep: row.maxStep };
  return { ...row, ...best };
}

const NewsRow = z.object({
  revision: z.number(),
  status: z.enum(['running', 'completed', 'failed', 'lost']),
  pointRevision: z.number().nullable(),
  key: z.string().nullable(),
  step: z.number().nullable(),
  value: z.custom<number>((value) => typeof value === 'number').nullable(),
  at: z.number().nullable(),
});

/** Where a run stands, and the points written after a revision in the order of their writes; one look at the database. */
export function selectNews(db: Database, actor: Actor, runId: number, after: number, limit: number) {
  const query = sql`
    select run.revision::float8 as revision, run.status, p.revision::float8 as "pointRevision", p.key,
      p.step::float8 as step, p.value, (extract(epoch from p.recorded_at) * 1000)::float8 as at
    from (
      select g.revision, r.status from run_progress g join training_runs r on r.id = g.run_id
      where g.workspace_id = ${actor.workspaceId} and g.run_id = ${runId}) as run
    left join lateral (
      select p.revision, s.key, p.step, p.value, p.recorded_at
      from metric_points p join metric_series s on s.run_id = p.run_id and s.id = p.series_id
      where p.run_id + 0 = ${runId}::bigint and p.revision > ${after}::bigint
      order by p.revision, s.key, p.step limit ${limit}) as p on true
    order by p.revision, p.key, p.step`;
  return rows(db, query, NewsRow);
}
