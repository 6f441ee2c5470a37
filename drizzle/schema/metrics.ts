import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  doublePrecision,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { instant, owned, reference } from './columns.ts';
import { trainingRuns } from './training-runs.ts';

/** One curve of a run, such as `loss`, with the figures that are kept as it is written. */
export const metricSeries = pgTable(
  'metric_series',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity(),
    ...owned(),
    runId: reference('run_id').notNull(),
    key: text('key').notNull(),
    /** Whether the least or the greatest value is the best one. */
    goal: text('goal', { enum: ['min', 'max'] })
      .notNull()
      .default('min'),
    count: bigint('count', { mode: 'number' }).notNull().default(0),
    /** The greatest step, and the value there; it also says which levels of `metric_rollups` the series has. */
    lastStep: bigint('last_step', { mode: 'number' }),
    lastValue: doublePrecision('last_value'),
    /** Least and greatest finite value and their first steps; null while there is none. */
    minValue: doublePrecision('min_value'),
    minStep: bigint('min_step', { mode: 'number' }),
    maxValue: doublePrecision('max_value'),
    maxStep: bigint('max_step', { mode: 'number' }),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.id] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [trainingRuns.workspaceId, trainingRuns.id],
    }).onDelete('cascade'),
    // A series by its name: what a write looks up first.
    unique('metric_series_key').on(t.runId, t.key),
    // `training.list` by a metric's last, least or greatest value: as a condition and as the order.
    index('metric_series_last_idx').on(t.workspaceId, t.key, t.lastValue, t.runId),
    index('metric_series_min_idx').on(t.workspaceId, t.key, t.minValue, t.runId),
    index('metric_series_max_idx').on(t.workspaceId, t.key, t.maxValue, t.runId),
    check('metric_series_key_length', sql`char_length(${t.key}) between 1 and 250`),
    check('metric_series_goal', sql`${t.goal} in ('min', 'max')`),
  ],
);

/**
 * A point of a series. Rows here and in `metric_rollups` name no workspace and no author: they would double the size of
 * the largest tables, and their series says both. `recorded_at` is the time that the caller gave the point.
 */
export const metricPoints = pgTable(
  'metric_points',
  {
    runId: reference('run_id').notNull(),
    seriesId: bigint('series_id', { mode: 'number' }).notNull(),
    step: bigint('step', { mode: 'number' }).notNull(),
    /** NaN and infinities included. */
    value: doublePrecision('value').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** `run_progress.revision` of the write that made or last changed the point. */
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
  },
  (t) => [
    // One value for a step; a range of a series in the order of its steps.
    primaryKey({ columns: [t.runId, t.seriesId, t.step] }),
    // `training.live`: what was written since. Equal keys come together, so that the index stays small and is appended to.
    // On an expression, so that nothing else is read by it: for a run that is newer than its statistics, PostgreSQL takes
    // any index that begins with the run for as good as the key, and would read the whole run for every few steps.
    index('metric_points_since_idx').on(sql`(${t.runId} + 0)`, t.revision),
    foreignKey({
      columns: [t.runId, t.seriesId],
      foreignColumns: [metricSeries.runId, metricSeries.id],
    }).onDelete('cascade'),
    check('metric_points_step', sql`${t.step} >= 0`),
  ],
);

/**
 * Roll-ups of the points of 2^level steps, from step `bucket` * 2^level on, so that a curve of any length is read by
 * some thousand rows. Levels are 5, 8, 11 …; a series has those that its greatest step makes worthwhile.
 */
export const metricRollups = pgTable(
  'metric_rollups',
  {
    runId: reference('run_id').notNull(),
    seriesId: bigint('series_id', { mode: 'number' }).notNull(),
    level: smallint('level').notNull(),
    bucket: bigint('bucket', { mode: 'number' }).notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
    finiteCount: bigint('finite_count', { mode: 'number' }).notNull(),
    /** The sum of the finite values. */
    sum: doublePrecision('sum').notNull(),
    minValue: doublePrecision('min_value'),
    minStep: bigint('min_step', { mode: 'number' }),
    maxValue: doublePrecision('max_value'),
    maxStep: bigint('max_step', { mode: 'number' }),
    /** The first NaN or infinity. */
    oddStep: bigint('odd_step', { mode: 'number' }),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.seriesId, t.level, t.bucket] }),
    foreignKey({
      columns: [t.runId, t.seriesId],
      foreignColumns: [metricSeries.runId, metricSeries.id],
    }).onDelete('cascade'),
    check('metric_rollups_level', sql`${t.level} between 5 and 53`),
  ],
);
