import { z } from 'zod';
import { audited, FreeJson, Id, jsonbObject, Name, PageInput, pageOf, refTo, storableText } from '../contract.ts';
import { filterOf } from '../filter/contract.ts';
import {
  Curve,
  CurvePart,
  GivenMetricValue,
  Goal,
  MetricColumns,
  MetricKey,
  MetricPoint,
  MetricValue,
  maxHistoryPoints,
  maxPointsPerCall,
  SeriesFigures,
  Step,
} from '../metrics/contract.ts';

export const RunRef = refTo('run');
const TopologyRef = refTo('topology');
const ModuleRef = refTo('module');
const DatasetRef = refTo('dataset');

export const RunStatus = z
  .enum(['running', 'completed', 'failed', 'lost'])
  .meta({ id: 'RunStatus', description: '`lost`: running, but nothing was heard of it for longer than its lease.' });
export type RunStatus = z.infer<typeof RunStatus>;

const maxJsonBytes = 256 * 1024;
const Params = jsonbObject(maxJsonBytes)
  .default({})
  .describe('Learning rate, optimizer …: any JSON object up to 256 KB.');
const Results = jsonbObject(maxJsonBytes).describe(
  'The results, any JSON object up to 256 KB: `{"final_model": "path/to/model.pt"}`.',
);
const Tag = storableText(100).min(1);
const Accuracy = z.number().min(0).max(1).describe('A share, 0 to 1.');
const Epochs = z.int().min(0).max(2_147_483_647);

const UsedDataset = z
  .strictObject({
    datasetId: DatasetRef,
    version: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe('A version that an ingest made of the dataset; left out where it is not known.'),
  })
  .meta({ id: 'UsedDatasetInput', description: 'A dataset that a run is trained on.' });

/** Fields shared by starting and saving a run. */
const described = {
  topologyId: TopologyRef,
  moduleId: ModuleRef.optional().describe('A module of this topology.'),
  datasets: z
    .array(UsedDataset)
    .max(100)
    .default([])
    .describe('The datasets that it is trained on.')
    .refine(
      (used) => new Set(used.map(({ datasetId }) => datasetId)).size === used.length,
      'must name each dataset once',
    ),
  parentRunId: RunRef.optional().describe('The sweep that it is a trial of.'),
  name: Name.optional().describe('`run` where it is left out.'),
  params: Params,
  tags: z.array(Tag).max(100).default([]),
  notes: storableText(10_000).default(''),
  codeVersion: storableText(200).optional().describe('Such as a commit.'),
};

export const StartRunInput = z
  .strictObject({
    ...described,
    goals: z
      .record(MetricKey, Goal)
      .default({})
      .describe(
        'Which value of a metric is its best, where its name does not tell: `max` for accuracy and its like, otherwise `min`.',
      )
      .refine((goals) => Object.keys(goals).length <= 1000, 'must have at most 1,000 keys'),
    leaseSeconds: z
      .int()
      .min(1)
      .max(604_800)
      .default(300)
      .describe('How long it may be silent before it is called lost, 1 s to 7 days.'),
  })
  .meta({ id: 'StartRunInput' });
export type StartRunInput = z.infer<typeof StartRunInput>;

export const SaveResultsInput = z
  .strictObject({
    ...described,
    results: Results.default({}),
    lossValues: z
      .array(GivenMetricValue)
      .max(maxPointsPerCall)
      .default([])
      .describe('One an epoch, at most 10,000: the series `loss` at the steps 1, 2, 3 …'),
    accuracy: Accuracy.optional(),
    epochs: Epochs.optional().describe('The number of loss values where it is left out.'),
  })
  .meta({ id: 'SaveResultsInput' });
export type SaveResultsInput = z.infer<typeof SaveResultsInput>;

export const UpdateRunInput = z
  .strictObject({
    id: RunRef,
    name: Name.optional(),
    tags: z.array(Tag).max(100).optional().describe('Replaces all of them.'),
    notes: storableText(10_000).optional(),
  })
  .meta({ id: 'UpdateRunInput', description: 'Fields left out stay unchanged.' });
export type UpdateRunInput = z.infer<typeof UpdateRunInput>;

export const FinishRunInput = z
  .strictObject({
    id: RunRef,
    status: z.enum(['completed', 'failed']).default('completed'),
    results: Results.default({}),
    accuracy: Accuracy.optional(),
    epochs: Epochs.optional(),
    notes: storableText(10_000).optional().describe('Replaces those that it has; what went wrong, for instance.'),
  })
  .meta({ id: 'FinishRunInput' });
export type FinishRunInput = z.infer<typeof FinishRunInput>;

export const LogPointsInput = z
  .strictObject({
    runId: RunRef,
    points: z.array(MetricPoint).max(maxPointsPerCall).default([]),
    columns: z
      .array(MetricColumns)
      .max(maxPointsPerCall)
      .default([])
      .describe('The same by columns, which takes less time; of the TypeScript client alone.'),
  })
  .superRefine(({ points, columns }, context) => {
    const count = columns.reduce((sum, { steps }) => sum + steps.length, points.length);
    if (count >= 1 && count <= maxPointsPerCall) return;
    const message = `must be 1 to ${maxPointsPerCall} points a call, not ${count}`;
    context.addIssue({ code: 'custom', path: ['points'], message, input: count });
  })
  .meta({ id: 'LogPointsInput' });
export type LogPointsInput = z.infer<typeof LogPointsInput>;

export const LoggedPoints = z
  .object({
    runId: Id,
    added: z.int().describe('New points.'),
    same: z.int().describe('Points that were there with this value; they stay as they were.'),
    replaced: z.int().describe('Points that were there with another value, which is now this one.'),
    revision: z.int().describe('The run’s revision after this call; `training.live` goes on from it.'),
  })
  .meta({ id: 'LoggedPoints' });
export type LoggedPoints = z.infer<typeof LoggedPoints>;

export const TrainingRun = z
  .object({
    id: Id,
    topologyId: Id,
    moduleId: Id.nullable(),
    datasets: z.array(
      z
        .object({ datasetId: Id, version: z.int().nullable() })
        .meta({ id: 'UsedDataset', description: 'A dataset that a run was trained on.' }),
    ),
    parentRunId: Id.nullable(),
    name: z.string(),
    status: RunStatus,
    params: FreeJson,
    tags: z.array(z.string()),
    notes: z.string(),
    codeVersion: z.string().nullable(),
    goals: z.record(z.string(), Goal),
    results: FreeJson,
    accuracy: z.number().nullable(),
    finalLoss: MetricValue.nullable().describe('The last value of the series `loss`, as it was when the run finished.'),
    epochs: z.int().nullable(),
    startedAt: z.date(),
    finishedAt: z.date().nullable(),
    pointCount: z.int().describe('Points of all its series.'),
    revision: z.int().describe('Counts the changes of points and status; `training.live` goes on from it.'),
    leaseSeconds: z.int(),
    leaseExpiresAt: z
      .date()
      .nullable()
      .describe('When it is called lost, unless something is heard of it; null once it is finished.'),
    ...audited,
  })
  .meta({ id: 'TrainingRun', description: 'One training of a topology: what went in and what came out.' });
export type TrainingRun = z.infer<typeof TrainingRun>;

export const TrainingRunDetails = TrainingRun.extend({
  series: z.array(SeriesFigures).describe('Ordered by key, at most 1,000.'),
  lossValues: z
    .array(MetricValue)
    .nullable()
    .describe('The series `loss` in the order of its steps; null where it has more than 10,000 points, see history.'),
}).meta({ id: 'TrainingRunDetails', description: 'A run with what its series have come to.' });
export type TrainingRunDetails = z.infer<typeof TrainingRunDetails>;

export const RunInput = z.strictObject({ id: RunRef }).meta({ id: 'RunInput' });
export type RunInput = z.infer<typeof RunInput>;

const timeFields = ['createdAt', 'startedAt', 'finishedAt'] as const;
const numberFields = ['topologyId', 'moduleId', 'parentRunId', 'accuracy', 'finalLoss', 'epochs'] as const;
const RunField = z
  .enum(['name', 'status', 'codeVersion', ...numberFields, ...timeFields])
  .meta({ id: 'RunField', description: 'A field of a run by which runs are found.', namesFields: true });
const isOneOf = (names: readonly string[], name: string | undefined) => name !== undefined && names.includes(name);

/** The subject of a condition or an order. */
const subject = {
  field: RunField.optional().describe('A field of the run.'),
  param: storableText(250)
    .min(1)
    .optional()
    .describe('A number, text or truth value of the params, by its path: `optimizer.lr`.'),
  metric: MetricKey.optional().describe('A figure of this series.'),
  figure: z.enum(['last', 'min', 'max']).optional().describe('The figure of the metric; `last` where it is left out.'),
};
const isOneSubject = (given: Record<string, unknown>, names: readonly string[]) =>
  names.filter((name) => given[name] !== undefined).length === 1;

const ConditionValue = z.union([storableText(200), z.number(), z.boolean(), z.date()]);
const tests = {
  equals: ConditionValue.optional(),
  in: z.array(ConditionValue).min(1).max(100).optional(),
  gt: ConditionValue.optional(),
  gte: ConditionValue.optional(),
  lt: ConditionValue.optional(),
  lte: ConditionValue.optional(),
  exists: z.boolean().optional().describe('Whether the run has such a value.'),
};

/** A condition on one value of a run. */
export const RunCondition = z
  .strictObject({ ...subject, tag: Tag.optional().describe('The run has this tag.'), ...tests })
  .superRefine((condition, context) => {
    const refuse = (message: string, path: string[] = []) =>
      context.addIssue({ code: 'custom', message, path, input: condition });
    if (!isOneSubject(condition, ['field', 'param', 'metric', 'tag'])) {
      return refuse('must be about one of field, param, metric and tag');
    }
    const given = Object.keys(tests).filter((name) => Reflect.get(condition, name) !== undefined);
    if ((condition.tag === undefined) === (given.length === 0)) {
      return refuse('must have one of equals, in, gt, gte, lt, lte, exists; a tag has none of them');
    }
    const { field, metric } = condition;
    for (const name of given.filter((one) => one !== 'exists')) {
      const values: unknown[] = [Reflect.get(condition, name)].flat();
      for (const value of values) {
        const isTime = value instanceof Date || (typeof value === 'string' && !Number.isNaN(Date.parse(value)));
        if (isOneOf(timeFields, field) && !isTime) refuse('must be a time', [name]);
        else if ((metric !== undefined || isOneOf(numberFields, field)) && typeof value !== 'number')
          refuse('must be a number', [name]);
        else if ((field === 'name' || field === 'status' || field === 'codeVersion') && typeof value !== 'string')
          refuse('must be a text', [name]);
      }
    }
  })
  .meta({ id: 'RunCondition', description: 'All tests that are given must hold for the value that it is about.' });
export type RunCondition = z.infer<typeof RunCondition>;

export const RunFilter = filterOf('RunFilter', RunCondition);
export type RunFilter = z.infer<typeof RunFilter>;

export const RunSort = z
  .strictObject({ ...subject, direction: z.enum(['asc', 'desc']).default('desc') })
  .refine((sort) => isOneSubject(sort, ['field', 'param', 'metric']), 'must be about one of field, param and metric')
  .meta({
    id: 'RunSort',
    description: 'Runs without such a value come last, newest first; a param is ordered by its number.',
  });
export type RunSort = z.infer<typeof RunSort>;

export const ListRunsInput = PageInput.extend({
  topologyId: TopologyRef.optional(),
  moduleId: ModuleRef.optional(),
  datasetId: DatasetRef.optional().describe('Runs that used it.'),
  parentRunId: RunRef.optional().describe('The trials of a sweep.'),
  status: RunStatus.optional(),
  filter: RunFilter.optional(),
  sort: RunSort.optional().describe('Newest first where it is left out.'),
}).meta({ id: 'ListRunsInput' });
export type ListRunsInput = z.infer<typeof ListRunsInput>;

export const TrainingRunPage = pageOf(TrainingRun).meta({ id: 'TrainingRunPage' });

export const HistoryInput = z
  .strictObject({
    runId: RunRef,
    key: MetricKey,
    fromStep: Step.default(0),
    toStep: Step.default(Number.MAX_SAFE_INTEGER).describe('Itself included.'),
    points: z
      .int()
      .min(10)
      .max(maxHistoryPoints)
      .default(500)
      .describe('At most so many, 10 to 2,000; a range that has more is downsampled.'),
  })
  .meta({ id: 'HistoryInput' });
export type HistoryInput = z.infer<typeof HistoryInput>;

export const Heartbeat = z
  .object({ id: Id, status: RunStatus, leaseExpiresAt: z.date().nullable() })
  .meta({ id: 'Heartbeat', description: 'A run of which something was heard.' });
export type Heartbeat = z.infer<typeof Heartbeat>;

export const FollowRunInput = z
  .strictObject({
    runId: RunRef,
    lastEventId: z
      .string()
      .regex(/^[0-9]{1,15}$/, 'must be the id of an event, or a revision of the run')
      .optional()
      .describe('Goes on after this revision; from now on where it is left out.'),
  })
  .meta({ id: 'FollowRunInput' });
export type FollowRunInput = z.infer<typeof FollowRunInput>;

export const RunNews = z
  .object({
    runId: Id,
    revision: z.int().describe('Up to which this tells; the event’s id.'),
    status: RunStatus,
    points: z
      .array(
        z
          .object({ key: z.string(), step: z.int(), value: MetricValue, time: z.date() })
          .meta({ id: 'LoggedPoint', description: 'A point as it is stored.' }),
      )
      .describe('New ones, and those whose value was replaced, in the order of the writes.'),
  })
  .meta({ id: 'RunNews', description: 'New points of a run, and its status.' });
export type RunNews = z.infer<typeof RunNews>;

export const CompareInput = z
  .strictObject({
    runIds: z
      .array(RunRef)
      .min(1)
      .max(50)
      .refine((ids) => new Set(ids).size === ids.length, 'must name each run once'),
    key: MetricKey,
    fromStep: Step.default(0),
    toStep: Step.default(Number.MAX_SAFE_INTEGER).describe('Itself included.'),
    parts: z.int().min(1).max(500).default(100).describe('At most so many parts of equal width, 1 to 500.'),
  })
  .meta({ id: 'CompareInput' });
export type CompareInput = z.infer<typeof CompareInput>;

export const Comparison = z
  .object({
    key: z.string(),
    fromStep: z.int().describe('Where the first part begins.'),
    partSteps: z.int().describe('How many steps wide each part is; the same parts for every run.'),
    runs: z
      .array(
        z
          .object({
            runId: Id,
            name: z.string(),
            count: z.int().describe('Points of the whole series; 0 where the run has no such series.'),
            parts: z.array(CurvePart).describe('Those that have points, in the order of their steps.'),
          })
          .meta({ id: 'ComparedRun', description: 'One run of a comparison.' }),
      )
      .describe('In the order asked for.'),
  })
  .meta({ id: 'Comparison', description: 'Curves of several runs, aligned by their steps.' });
export type Comparison = z.infer<typeof Comparison>;

export { Curve };
