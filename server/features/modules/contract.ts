import { z } from 'zod';
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
  storableText,
} from '../contract.ts';
import { ObjectId } from '../objects/contract.ts';

export const ModuleRef = refTo('module');
const TopologyRef = refTo('topology');

const adapter = {
  rank: z.int().min(1).max(4096).describe('Rank of the low-rank update, LoRA’s r.'),
  alpha: z.number().positive().describe('LoRA’s alpha; the update is scaled by alpha / rank.'),
  dropout: z.number().min(0).lt(1).describe('Dropout before the adapter, 0 up to but not 1.'),
  quantizationBits: z
    .union([z.literal(2), z.literal(3), z.literal(4), z.literal(8)])
    .nullable()
    .describe('Bits of the frozen base weights; null where they are not quantized.'),
  targetModules: z
    .array(storableText(200).min(1))
    .min(1)
    .max(256)
    .describe('Names of the layers that carry the adapter.'),
  baseModel: storableText(500).min(1).nullable(),
};

export const QloraModule = z
  .object({ id: Id, topologyId: Id, name: Name, description: z.string(), ...adapter, config: FreeJson, ...audited })
  .extend({
    weightsObjectId: ObjectId.nullable().describe('The adapter’s safetensors, once attached.'),
    configObjectId: ObjectId.nullable().describe('The adapter’s adapter_config.json, once attached.'),
    quantizationBits: z.int().nullable().describe('2, 3, 4 or 8 bits of the frozen base weights; null: not quantized.'),
  })
  .meta({ id: 'QloraModule', description: 'A low-rank adapter of a topology.' });
export type QloraModule = z.infer<typeof QloraModule>;

export const CreateModuleInput = z
  .strictObject({
    topologyId: TopologyRef,
    name: Name,
    description: storableText(10_000).default(''),
    rank: adapter.rank.default(16),
    alpha: adapter.alpha.default(32),
    dropout: adapter.dropout.default(0),
    quantizationBits: adapter.quantizationBits.default(4),
    targetModules: adapter.targetModules.default(['q_proj', 'v_proj']),
    baseModel: adapter.baseModel.default(null),
    config: jsonbObject().default({}),
    createdBy: refTo('user').optional().describe('Yourself; an admin may name another member.'),
  })
  .meta({ id: 'CreateModuleInput' });
export type CreateModuleInput = z.infer<typeof CreateModuleInput>;

export const ModuleInput = z.strictObject({ id: ModuleRef }).meta({ id: 'ModuleInput' });

export const DeleteModuleInput = ModuleInput.extend({ dryRun }).meta({ id: 'DeleteModuleInput' });

export const AttachAdapterInput = z
  .strictObject({
    id: ModuleRef,
    weightsObjectId: ObjectId.describe('A ready `*.safetensors` object with LoRA pairs.'),
    configObjectId: ObjectId.describe('The ready `adapter_config.json` object that PEFT saved beside it.'),
  })
  .meta({ id: 'AttachAdapterInput' });
export type AttachAdapterInput = z.infer<typeof AttachAdapterInput>;

export const UpdateModuleInput = z
  .strictObject({
    id: ModuleRef,
    name: Name.optional(),
    description: storableText(10_000).optional(),
    rank: adapter.rank.optional(),
    alpha: adapter.alpha.optional(),
    dropout: adapter.dropout.optional(),
    quantizationBits: adapter.quantizationBits.optional(),
    targetModules: adapter.targetModules.optional(),
    baseModel: adapter.baseModel.optional(),
    config: jsonbObject().optional().describe('Replaces the whole config.'),
  })
  .meta({ id: 'UpdateModuleInput', description: 'Fields left out stay unchanged.' });
export type UpdateModuleInput = z.infer<typeof UpdateModuleInput>;

export const ListModulesInput = PageInput.extend({ topologyId: TopologyRef.optional() }).meta({
  id: 'ListModulesInput',
});
export type ListModulesInput = z.infer<typeof ListModulesInput>;

export const ModulePage = pageOf(QloraModule).meta({ id: 'ModulePage' });
