import { sql } from 'drizzle-orm';
import { bigint, check, doublePrecision, foreignKey, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
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
    count: bigint('count', { mode: 'number' }).notNull().default(0),
    lastStep: bigint('last_step', { mode: 'number' }),
    lastValue: doublePrecision('last_value'),
    /** Least and greatest finite value; null while there is none. */
    minValue: doublePrecision('min_value'),
    maxValue: doublePrecision('max_value'),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.id] }),
    foreignKey({
      columns: [t.workspaceId, t.runId],
      foreignColumns: [trainingRuns.workspaceId, trainingRuns.id],
    }).onDelete('cascade'),
    // A series by its name: what a write looks up first.
    unique('metric_series_key').on(t.runId, t.key),
    check('metric_series_key_length', sql`char_length(${t.key}) between 1 and 250`),
  ],
);

/**
 * A point of a series. The only table whose rows name no workspace and no author: they would double the size of the
 * largest table, and its series says both. `recorded_at` is the time that the caller gave the point.
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
  },
  (t) => [
    // One value for a step; a range of a series in the order of its steps.
    primaryKey({ columns: [t.runId, t.seriesId, t.step] }),
    foreignKey({
      columns: [t.runId, t.seriesId],
      foreignColumns: [metricSeries.runId, metricSeries.id],
    }).onDelete('cascade'),
    check('metric_points_step', sql`${t.step} >= 0`),
  ],
);
