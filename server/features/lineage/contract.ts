import { z } from 'zod';
import { Id, refTo } from '../contract.ts';

/** The fields that a lineage may be asked for by. */
const subjects = ['topologyId', 'moduleId', 'datasetId', 'runId', 'modelId', 'checkpointId'] as const;

export const LineageInput = z
  .strictObject({
    topologyId: refTo('topology').optional(),
    moduleId: refTo('module').optional(),
    datasetId: refTo('dataset').optional(),
    datasetVersion: z.int().min(1).max(2_147_483_647).optional().describe('With datasetId: this version only.'),
    chunkId: refTo('chunk').optional().describe('With datasetId: a chunk of it.'),
    runId: refTo('run').optional(),
    modelId: refTo('model').optional(),
    modelVersion: z.int().min(1).max(2_147_483_647).optional().describe('With modelId: this version only.'),
    checkpointId: refTo('checkpoint').optional(),
  })
  .superRefine((input, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, input: Reflect.get(input, path) });
    if (subjects.filter((name) => input[name] !== undefined).length !== 1) {
      refuse('runId', `must be the only one given of ${subjects.join(', ')}`);
    }
    for (const name of ['datasetVersion', 'chunkId'] as const) {
      if (input[name] !== undefined && input.datasetId === undefined) refuse(name, 'needs datasetId');
    }
    if (input.modelVersion !== undefined && input.modelId === undefined) refuse('modelVersion', 'needs modelId');
  })
  .meta({ id: 'LineageInput' });
export type LineageInput = z.infer<typeof LineageInput>;

const named = { id: Id, name: z.string() };

export const Lineage = z
  .object({
    topologies: z.array(z.object(named)),
    modules: z.array(z.object({ ...named, topologyId: Id })),
    datasets: z
      .array(z.object({ ...named, version: z.int().nullable(), runId: Id }))
      .describe('One a run that used it.'),
    runs: z
      .array(z.object({ ...named, topologyId: Id, status: z.string(), parentRunId: Id.nullable() }))
      .describe('Newest first, at most 200.'),
    hasMoreRuns: z.boolean(),
    modelVersions: z.array(z.object({ modelId: Id, name: z.string(), version: z.int(), runId: Id.nullable() })),
    checkpoints: z.array(z.object({ ...named, step: z.int().nullable(), runId: Id.nullable() })),
  })
  .meta({
    id: 'Lineage',
    description: 'The origins and results of something; each list newest first, at most 1,000.',
  });
export type Lineage = z.infer<typeof Lineage>;
