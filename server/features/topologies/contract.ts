import { z } from 'zod';
import { AddContextInput, ContextDocument, maxDataBytes, maxMetadataBytes } from '../context/contract.ts';
import {
  audited,
  dryRun,
  FreeJson,
  Id,
  jsonbObject,
  Name,
  PageInput,
  pageOf,
  refTo,
  storableJson,
  storableObject,
  storableText,
  trimmedText,
} from '../contract.ts';
import { CreateModuleInput, QloraModule } from '../modules/contract.ts';

export const TopologyRef = refTo('topology');

/** The limits that the guide sets; other keys are kept as given. */
export const TopologyConfig = z
  .looseObject({
    layers: z.int().min(1).max(50).optional().describe('Layers, 1 to 50.'),
    dimensions: z.int().min(64).max(4096).optional().describe('Width of the model, 64 to 4096.'),
    attention_heads: z.int().min(1).max(32).optional().describe('Attention heads, 1 to 32.'),
  })
  .pipe(jsonbObject())
  .meta({
    id: 'TopologyConfig',
    description: 'layers 1-50, dimensions 64-4096, attention_heads 1-32; any other JSON is kept as given.',
  });

export const Topology = z
  .object({
    id: Id,
    name: Name,
    description: z.string(),
    architecture: z.string(),
    config: FreeJson,
    ...audited,
  })
  .meta({ id: 'Topology', description: 'A model architecture.' });
export type Topology = z.infer<typeof Topology>;

export const TopologyAnalytics = z
  .object({
    topologyId: Id,
    runCount: z.int().describe('Training runs of every status.'),
    completedRunCount: z.int(),
    bestAccuracy: z.number().nullable().describe('Greatest accuracy of a completed run, 0 to 1.'),
    bestLoss: z.number().nullable().describe('Least finite final loss of a completed run.'),
    averageAccuracy: z.number().nullable(),
    accuracyTrend: z
      .number()
      .nullable()
      .describe(
        'Change of accuracy from one completed run to the next, by least squares over the latest 50; null below two.',
      ),
    moduleCount: z.int(),
    datasetCount: z.int().describe('Datasets that its runs used.'),
    checkpointCount: z.int(),
    storageBytes: z.int().describe('Bytes of its checkpoints and model versions.'),
    latestRunAt: z.date().nullable(),
  })
  .meta({ id: 'TopologyAnalytics', description: 'Figures over all training of a topology.' });
export type TopologyAnalytics = z.infer<typeof TopologyAnalytics>;

export const TopologyDetails = Topology.extend({
  context: z
    .array(ContextDocument)
    .nullable()
    .describe('Its newest context documents, at most 10, newest first; null while CouchDB is away, or not asked for.'),
  analytics: TopologyAnalytics.nullable().describe('null where it was not asked for.'),
}).meta({
  id: 'TopologyDetails',
  description: 'A topology with its recent context and what its training came to.',
});
export type TopologyDetails = z.infer<typeof TopologyDetails>;

export const CreateTopologyInput = z
  .strictObject({
    name: Name,
    description: storableText(10_000).default(''),
    architecture: trimmedText(100).describe('Such as `transformer` or `graph-network`.'),
    config: TopologyConfig.default({}),
    createdBy: refTo('user').optional().describe('Yourself; an admin may name another member.'),
    modules: z
      .array(
        CreateModuleInput.omit({ topologyId: true, createdBy: true }).meta({
          id: 'NewModule',
          description: 'A QLoRA module of the topology that it is made with.',
        }),
      )
      .max(100)
      .default([])
      .describe('Modules of the topology; all of them are made with it, or nothing is.'),
    context: z
      .array(
        // It waits in PostgreSQL, which holds no NUL, until it is in CouchDB.
        AddContextInput.omit({ topologyId: true, data: true, metadata: true })
          .extend({
            data: storableJson(maxDataBytes, false).describe('Text or any JSON, up to 1 MB and 100 levels.'),
            metadata: storableObject(maxMetadataBytes, false)
              .default({})
              .describe('priority, author, tags … up to 64 KB; `author` and `tags` are searched too.'),
          })
          .meta({
            id: 'NewContext',
            description: 'A context document about the topology that it is made with.',
          }),
      )
      .max(100)
      .default([])
      .describe('Context documents about it, which reach CouchDB right after the answer, or when it is back.'),
    awaitEffects: z
      .boolean()
      .default(false)
      .describe('Answer when the documents are in CouchDB, or after 5 s; `effects` says which.'),
  })
  .meta({ id: 'CreateTopologyInput' });
export type CreateTopologyInput = z.infer<typeof CreateTopologyInput>;

export const CreatedTopology = Topology.extend({
  modules: z.array(QloraModule).describe('In the order given.'),
  contextIds: z.array(z.string()).describe('Ids of the context documents, in the order given.'),
  effects: z
    .enum(['done', 'pending'])
    .describe('pending: some of the documents are on their way to CouchDB; they will get there.'),
}).meta({ id: 'CreatedTopology', description: 'A topology with what was made together with it.' });
export type CreatedTopology = z.infer<typeof CreatedTopology>;

export const TopologyInput = z.strictObject({ id: TopologyRef }).meta({ id: 'TopologyInput' });

export const DeleteTopologyInput = TopologyInput.extend({ dryRun }).meta({ id: 'DeleteTopologyInput' });

export const GetTopologyInput = z
  .strictObject({
    id: TopologyRef,
    include: z
      .array(z.enum(['context', 'analytics']))
      .max(2)
      .default(['context', 'analytics'])
      .describe('Also read these; an empty list reads the row alone.'),
  })
  .meta({ id: 'GetTopologyInput' });
export type GetTopologyInput = z.infer<typeof GetTopologyInput>;

export const UpdateTopologyInput = z
  .strictObject({
    id: TopologyRef,
    name: Name.optional(),
    description: storableText(10_000).optional(),
    architecture: trimmedText(100).optional(),
    config: TopologyConfig.optional().describe('Replaces the whole config.'),
  })
  .meta({ id: 'UpdateTopologyInput', description: 'Fields left out stay unchanged.' });
export type UpdateTopologyInput = z.infer<typeof UpdateTopologyInput>;

export const ListTopologiesInput = PageInput.extend({
  architecture: storableText(100).optional(),
  name: storableText(200).optional().describe('Part of the name, in any case.'),
  createdBy: refTo('user').optional(),
}).meta({ id: 'ListTopologiesInput' });
export type ListTopologiesInput = z.infer<typeof ListTopologiesInput>;

export const TopologyPage = pageOf(Topology).meta({ id: 'TopologyPage' });
