import { z } from 'zod';
import { DocumentId, LastEventId } from '../context/contract.ts';
import {
  ExpectedRev,
  FreeJson,
  Id,
  Name,
  PageInput,
  pageOf,
  refTo,
  storableObject,
  storableObjects,
  storableText,
  versionOf,
} from '../contract.ts';

export const ExperimentStatus = z
  .enum(['running', 'completed', 'failed'])
  .meta({ id: 'ExperimentStatus', description: 'How an experiment stands: it takes points while it is running.' });

export const Experiment = z
  .object({
    id: z.string(),
    rev: z.string().describe('CouchDB’s revision.'),
    name: z.string(),
    description: z.string(),
    topologyId: Id.nullable().describe('null: another program wrote it without one.'),
    status: ExperimentStatus,
    parameters: FreeJson,
    results: FreeJson.nullable().describe('null while it runs.'),
    createdAt: z.date(),
    completedAt: z.date().nullable(),
    createdBy: Id.nullable(),
  })
  .meta({ id: 'Experiment', description: 'A series of trials with a topology.' });
export type Experiment = z.infer<typeof Experiment>;

export const ExperimentMetric = z
  .looseObject({ timestamp: z.date().describe('When it arrived.') })
  .meta({ id: 'ExperimentMetric', description: 'Values measured at one point (epoch, train_loss …), as given.' });
export type ExperimentMetric = z.infer<typeof ExperimentMetric>;

export const ExperimentWithMetrics = Experiment.extend({
  metrics: z.array(ExperimentMetric).describe('In the order in which they arrived, at most 10,000.'),
  hasMoreMetrics: z.boolean().describe('Whether there are more than 10,000.'),
}).meta({ id: 'ExperimentWithMetrics', description: 'An experiment with its metrics.' });
export type ExperimentWithMetrics = z.infer<typeof ExperimentWithMetrics>;

const ExperimentName = Name.refine((name) => name.isWellFormed(), 'must not hold half a surrogate pair');

export const CreateExperimentInput = z
  .strictObject({
    name: ExperimentName,
    topologyId: refTo('topology'),
    parameters: storableObject(256 * 1024)
      .default({})
      .describe('The parameters tried, any JSON object up to 256 KB.'),
    description: storableText(10_000).default(''),
  })
  .meta({ id: 'CreateExperimentInput' });
export type CreateExperimentInput = z.infer<typeof CreateExperimentInput>;

export const ExperimentInput = z.strictObject({ id: DocumentId }).meta({ id: 'ExperimentInput' });

export const ListExperimentsInput = PageInput.extend({
  topologyId: refTo('topology').optional(),
  status: ExperimentStatus.optional(),
}).meta({ id: 'ListExperimentsInput' });
export type ListExperimentsInput = z.infer<typeof ListExperimentsInput>;

export const ExperimentPage = pageOf(Experiment).meta({ id: 'ExperimentPage' });

const maxMetrics = 1000;

export const LogExperimentMetricsInput = z
  .strictObject({
    id: DocumentId,
    metrics: storableObjects(16 * 1024, maxMetrics).describe(
      'A point ({ epoch, train_loss … }) or a list of 1 to 1,000, each up to 16 KB; `timestamp` is the server’s.',
    ),
    ids: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be 1 to 100 letters, digits, "_" or "-"'))
      .min(1)
      .max(maxMetrics)
      .optional()
      .describe('An id of your own for each point makes it safe to send the same points again.'),
  })
  .meta({ id: 'LogExperimentMetricsInput' });
export type LogExperimentMetricsInput = z.infer<typeof LogExperimentMetricsInput>;

export const LoggedExperimentMetrics = z
  .object({ id: z.string(), ids: z.array(z.string()).describe('The ids of the points, in the order given.') })
  .meta({ id: 'LoggedExperimentMetrics', description: 'The points as they are stored.' });
export type LoggedExperimentMetrics = z.infer<typeof LoggedExperimentMetrics>;

export const CompleteExperimentInput = z
  .strictObject({
    id: DocumentId,
    results: storableObject(1024 * 1024).describe('The results, any JSON object up to 1 MB.'),
    status: z.enum(['completed', 'failed']).default('completed'),
  })
  .meta({ id: 'CompleteExperimentInput' });
export type CompleteExperimentInput = z.infer<typeof CompleteExperimentInput>;

export const UpdateExperimentInput = z
  .strictObject({
    id: DocumentId,
    expectedRev: ExpectedRev,
    name: ExperimentName.optional(),
    description: storableText(10_000).optional(),
    parameters: storableObject(256 * 1024)
      .optional()
      .describe('Replaces all parameters.'),
    status: ExperimentStatus.optional().describe('`running` takes it up again, without results.'),
    results: storableObject(1024 * 1024)
      .optional()
      .describe('Results of an experiment that is over. Replaces all results.'),
  })
  .meta({ id: 'UpdateExperimentInput', description: 'Fields left out stay unchanged.' });
export type UpdateExperimentInput = z.infer<typeof UpdateExperimentInput>;

export const ExperimentVersion = versionOf(Experiment).meta({
  id: 'ExperimentVersion',
  description: 'A version of an experiment.',
});
export const ExperimentVersionPage = pageOf(ExperimentVersion).meta({ id: 'ExperimentVersionPage' });

export const LiveExperimentInput = z
  .strictObject({ id: DocumentId, lastEventId: LastEventId })
  .meta({ id: 'LiveExperimentInput' });
export type LiveExperimentInput = z.infer<typeof LiveExperimentInput>;

export const ExperimentNews = z
  .object({
    experiment: Experiment.nullable().describe('The experiment, where it began or changed.'),
    metric: ExperimentMetric.nullable().describe('A point, where one was logged.'),
  })
  .meta({ id: 'ExperimentNews', description: 'A change of an experiment, or a point of it.' });
export type ExperimentNews = z.infer<typeof ExperimentNews>;
