import { z } from 'zod';
import { Id, PageInput, pageOf } from '../contract.ts';

export const StoreHealth = z
  .object({
    status: z.enum(['healthy', 'unhealthy']),
    latencyMs: z.number().describe('How long the store took to answer, or to fail; milliseconds.'),
    error: z.string().nullable(),
  })
  .meta({ id: 'StoreHealth', description: 'How one store is doing.' });
export type StoreHealth = z.infer<typeof StoreHealth>;

export const Health = z
  .object({
    status: z.enum(['healthy', 'unhealthy']).describe('unhealthy where any store is.'),
    stores: z.object({ postgres: StoreHealth, objects: StoreHealth, documents: StoreHealth }),
    outbox: z.object({
      waiting: z.int().nullable().describe('Effects not yet applied; null where Postgres does not answer.'),
      parked: z.int().nullable().describe('Effects that failed too often and wait for a person.'),
      lagSeconds: z.number().nullable().describe('Age of the oldest effect that is not parked.'),
    }),
  })
  .meta({ id: 'Health', description: 'Each store by itself.' });
export type Health = z.infer<typeof Health>;

export const Info = z
  .object({
    version: z.string(),
    startedAt: z.date(),
    embedded: z.object({ postgres: z.boolean(), objects: z.boolean(), documents: z.boolean() }),
    limits: z.object({
      embeddingDimensions: z.int(),
      chunksPerCall: z.int(),
      pointsPerCall: z.int(),
      documentsPerCall: z.int(),
    }),
  })
  .meta({ id: 'Info', description: 'Facts about this server.' });
export type Info = z.infer<typeof Info>;

export const Effect = z
  .object({
    id: Id,
    workspaceId: Id,
    kind: z.string().describe('The action, with its version: `objects.remove.v1`.'),
    entity: z.string().describe('The thing that it changes. Effects of one entity are applied in order.'),
    attempts: z.int(),
    availableAt: z.date().describe('When it is tried next, or until when a server has it in work.'),
    parkedAt: z.date().nullable().describe('Since when it waits for a person; null while it is tried.'),
    lastError: z.string().nullable(),
    createdAt: z.date(),
  })
  .meta({ id: 'Effect', description: 'A decided change of another store that is not yet done.' });
export type Effect = z.infer<typeof Effect>;

export const OutboxInput = PageInput.extend({
  isParked: z.boolean().optional().describe('Only those that are parked, or only those that are not.'),
}).meta({ id: 'OutboxInput' });
export type OutboxInput = z.infer<typeof OutboxInput>;

export const EffectPage = pageOf(Effect).meta({ id: 'EffectPage' });

export const ParkedInput = z
  .strictObject({ ids: z.array(Id).min(1).max(1000).describe('Ids of parked effects.') })
  .meta({ id: 'ParkedInput' });
export type ParkedInput = z.infer<typeof ParkedInput>;

export const ParkedResult = z
  .object({ ids: z.array(Id).describe('Those that were parked, and are no longer.') })
  .meta({ id: 'ParkedResult' });
export type ParkedResult = z.infer<typeof ParkedResult>;

export const Finding = z
  .object({
    problem: z
      .enum([
        'object_missing',
        'object_wrong_size',
        'object_without_row',
        'upload_without_row',
        'document_missing',
        'document_not_indexed',
        'document_left_behind',
        'figures_wrong',
        'effect_parked',
      ])
      .describe(
        'object_missing: a ready row without its object. object_without_row: an object that no row has. upload_without_row: a multipart upload that no pending row has, whose parts take room. document_missing: an index row without its document. document_not_indexed: a context document without its index row. document_left_behind: a document of a topology, experiment or workspace that is not there. figures_wrong: kept figures of a topology that are not what its rows say.',
      ),
    place: z.string().describe('Bucket, database, table or `outbox`.'),
    key: z.string().describe('Physical key of the object, id of the document, the topology or the effect.'),
    workspaceId: Id.nullable(),
    detail: z.string(),
    repair: z
      .string()
      .nullable()
      .describe('The action that `repair` would take; null where only a person can mend it.'),
  })
  .meta({ id: 'Finding', description: 'One thing in which the stores disagree.' });
export type Finding = z.infer<typeof Finding>;

export const VerifyReport = z
  .object({
    agrees: z.boolean().describe('Whether nothing was found.'),
    counts: z.object({
      objectRows: z.int(),
      objects: z.int(),
      objectBytes: z.int(),
      documents: z.int(),
      indexRows: z.int(),
      effectsWaiting: z.int().describe('Decided changes on their way; what they touch counts as agreed.'),
    }),
    findings: z.array(Finding).describe('At most 1,000; `findingCount` counts all.'),
    findingCount: z.int(),
    seconds: z.number(),
  })
  .meta({ id: 'VerifyReport', description: 'Whether the three stores agree.' });
export type VerifyReport = z.infer<typeof VerifyReport>;

export const RepairInput = z
  .strictObject({
    findings: z
      .array(Finding)
      .min(1)
      .max(1000)
      .describe('Findings of a `verify`, each checked again before it is mended.'),
  })
  .meta({ id: 'RepairInput' });
export type RepairInput = z.infer<typeof RepairInput>;

export const RepairResult = z
  .object({ repaired: z.int(), left: z.int().describe('Gone meanwhile, or nothing that can be mended safely.') })
  .meta({ id: 'RepairResult' });
export type RepairResult = z.infer<typeof RepairResult>;
