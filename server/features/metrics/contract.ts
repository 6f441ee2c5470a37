import { z } from 'zod';
import { Id, storableText } from '../contract.ts';

export const maxPointsPerCall = 10_000;
export const maxHistoryPoints = 2_000;

const oddNames: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

const numberOrWord = { anyOf: [{ type: 'number' }, { type: 'string', enum: Object.keys(oddNames) }] };

/** A number of a curve, NaN and infinities included. JSON has no such numbers: by REST they are these words. */
export const GivenMetricValue = z
  .custom<number | 'NaN' | 'Infinity' | '-Infinity'>(
    (value) => typeof value === 'number' || (typeof value === 'string' && Object.hasOwn(oddNames, value)),
    'must be a number, "NaN", "Infinity" or "-Infinity"',
  )
  .meta({ typescript: 'number | "NaN" | "Infinity" | "-Infinity"', openapi: numberOrWord })
  .transform((value) => (typeof value === 'number' ? value : (oddNames[value] ?? Number.NaN)))
  .describe('NaN and infinities are kept; by REST they are written as text.');

/** A value as it is answered. */
export const MetricValue = z
  .custom<number>((value) => typeof value === 'number')
  .meta({ typescript: 'number', openapi: numberOrWord });

export const MetricKey = storableText(250)
  .min(1)
  .describe('The name of the curve, 1 to 250 characters: `loss`, `val/accuracy`.');
export const Step = z.int().min(0).describe('A whole number from 0 to 2^53 - 1.');

export const Goal = z.enum(['min', 'max']);
export type Goal = z.infer<typeof Goal>;

export const MetricPoint = z
  .strictObject({
    key: MetricKey,
    step: Step,
    value: GivenMetricValue,
    time: z.date().optional().describe('When it was measured; when it arrived, where it is left out.'),
  })
  .meta({ id: 'MetricPoint', description: 'A value of one curve at one step.' });
export type MetricPoint = z.infer<typeof MetricPoint>;

const numbers = (what: string) =>
  z
    .custom<Float64Array>((value) => value instanceof Float64Array, 'must be a Float64Array; by REST, use points')
    .meta({ typescript: 'Float64Array', transformed: 'float64' })
    .describe(what);

export const MetricColumns = z
  .strictObject({
    key: MetricKey,
    steps: numbers('Whole numbers from 0 to 2^53 - 1.'),
    values: numbers('One a step; NaN and infinities are kept.'),
    times: numbers('One a step, in milliseconds since 1970; when they arrived, where it is left out.').optional(),
  })
  .superRefine(({ steps, values, times }, context) => {
    if (values.length !== steps.length || (times && times.length !== steps.length)) {
      context.addIssue({
        code: 'custom',
        path: ['values'],
        message: 'must have one number a step',
        input: values.length,
      });
    }
    const at = steps.findIndex((step) => !Number.isSafeInteger(step) || step < 0);
    if (at >= 0) {
      context.addIssue({
        code: 'custom',
        path: ['steps', at],
        message: `must be a whole number from 0 to 2^53 - 1, not ${steps[at]}`,
        input: steps[at],
      });
    }
    const badTime = times?.findIndex((time) => !(Math.abs(time) <= 8.64e15)) ?? -1;
    if (badTime >= 0)
      context.addIssue({
        code: 'custom',
        path: ['times', badTime],
        message: 'must be a time',
        input: times?.[badTime],
      });
  })
  .meta({ id: 'MetricColumns', description: 'Points of one curve as columns: what takes the least time to send.' });
export type MetricColumns = z.infer<typeof MetricColumns>;

export const SeriesFigures = z
  .object({
    key: z.string(),
    goal: Goal.describe('Which value is the best one.'),
    count: z.int(),
    lastStep: z.int().nullable().describe('The greatest step.'),
    last: MetricValue.nullable().describe('The value at the greatest step.'),
    min: z.number().nullable().describe('The least finite value.'),
    minStep: z.int().nullable().describe('The first step that has it.'),
    max: z.number().nullable().describe('The greatest finite value.'),
    maxStep: z.int().nullable(),
    best: z.number().nullable(),
    bestStep: z.int().nullable(),
  })
  .meta({ id: 'SeriesFigures', description: 'Figures of a curve, kept up to date as points are written.' });
export type SeriesFigures = z.infer<typeof SeriesFigures>;

export const CurvePoint = z
  .object({ step: z.int(), value: MetricValue, time: z.date() })
  .meta({ id: 'CurvePoint', description: 'A point as it was logged.' });
export type CurvePoint = z.infer<typeof CurvePoint>;

export const Curve = z
  .object({
    runId: Id,
    key: z.string(),
    count: z.int().describe('Points of the whole series.'),
    isSampled: z.boolean().describe('false: these are all points of the range.'),
    points: z
      .array(CurvePoint)
      .describe(
        'In the order of their steps; of a sampled range its first and last, and the least and greatest of each part.',
      ),
  })
  .meta({
    id: 'Curve',
    description: 'A range of a series, all of it or downsampled; every point is one that was logged.',
  });
export type Curve = z.infer<typeof Curve>;

export const CurvePart = z
  .object({
    part: z.int().describe('From 0; it begins at `fromStep` + part * `partSteps`.'),
    count: z.int().describe('Points in it.'),
    mean: z.number().nullable().describe('Mean of the finite values; null where there is none.'),
    min: z.number().nullable(),
    max: z.number().nullable(),
  })
  .meta({ id: 'CurvePart', description: 'Figures of the points in one part of a curve.' });
export type CurvePart = z.infer<typeof CurvePart>;
