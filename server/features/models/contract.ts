import { z } from 'zod';
import {
  AnyJson,
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
import { ExpirySeconds, ObjectId, ObjectPath, PartsSha256, WholeSha256 } from '../objects/contract.ts';

/** It is part of a key in the object store. */
export const ModelName = Name.pipe(ObjectPath);

export const ModelVersion = z
  .object({
    modelId: Id,
    name: z.string(),
    version: z.int().describe('1, 2, 3 …; a number is never given twice.'),
    path: z.string().describe('The key of its bytes in the bucket: `models/my-model-v1.json`.'),
    bucket: z.string(),
    objectId: ObjectId,
    sizeBytes: z.int(),
    sha256: WholeSha256,
    partsSha256: PartsSha256,
    contentType: z.string(),
    metadata: FreeJson,
    topologyId: Id.nullable(),
    moduleId: Id.nullable(),
    runId: Id.nullable(),
    ...audited,
  })
  .meta({ id: 'ModelVersion', description: 'An immutable version of a model: its bytes, and where they came from.' });
export type ModelVersion = z.infer<typeof ModelVersion>;

export const Model = z
  .object({
    id: Id,
    name: z.string(),
    description: z.string(),
    latestVersion: z.int(),
    aliases: z
      .array(z.object({ alias: z.string(), version: z.int() }))
      .describe('Names for versions, such as `champion`, in the order of the alphabet.'),
    ...audited,
  })
  .meta({ id: 'Model', description: 'A model in the registry.' });
export type Model = z.infer<typeof Model>;

export const ModelWithVersions = Model.extend({
  versions: z.array(ModelVersion).describe('Its latest 200, newest first.'),
}).meta({ id: 'ModelWithVersions', description: 'A model with its versions.' });
export type ModelWithVersions = z.infer<typeof ModelWithVersions>;

export const ModelAlias = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, "-" and "_", and begin with a letter')
  .describe('A name for a version, such as `champion`.');

const VersionNumber = z.int().min(1).max(2_147_483_647);

export const UploadModelInput = z
  .strictObject({
    name: ModelName,
    modelData: AnyJson.optional().describe('Any JSON up to 16 MiB, stored as `models/<name>-v<version>.json`.'),
    objectId: ObjectId.optional().describe('Instead of modelData: a ready object of kind `model`.'),
    metadata: jsonbObject().default({}).describe('accuracy, compression_ratio, a version label of your own …'),
    description: storableText(10_000).optional().describe('Replaces the model’s description.'),
    topologyId: refTo('topology').optional(),
    moduleId: refTo('module').optional(),
    runId: refTo('run').optional(),
    requestId: z
      .uuid()
      .optional()
      .describe(
        'A new UUID of yours for each upload: a call that is repeated with it, because the first answer was lost, answers the version that the first made.',
      ),
  })
  .refine(({ modelData, objectId }) => (modelData === undefined) !== (objectId === undefined), {
    path: ['modelData'],
    message: 'give either modelData or objectId',
  })
  .meta({ id: 'UploadModelInput' });
export type UploadModelInput = z.infer<typeof UploadModelInput>;

export const DownloadModelInput = z
  .strictObject({
    name: Name.optional(),
    id: refTo('model').optional().describe('Instead of name.'),
    version: VersionNumber.optional().describe('The latest where neither this nor alias is given.'),
    alias: ModelAlias.optional().describe('Instead of version: the one that has this alias.'),
    expirySeconds: ExpirySeconds,
    fileName: storableText(255).optional().describe('The name under which a browser saves it.'),
  })
  .refine(({ version, alias }) => version === undefined || alias === undefined, {
    path: ['alias'],
    message: 'give either version or alias',
  })
  .refine(({ name, id }) => (name === undefined) !== (id === undefined), {
    path: ['name'],
    message: 'give either name or id',
  })
  .meta({ id: 'DownloadModelInput' });
export type DownloadModelInput = z.infer<typeof DownloadModelInput>;

export const DownloadedModel = ModelVersion.extend({
  modelData: AnyJson.describe('The document of a JSON model up to 16 MiB, otherwise null; then read the URL.'),
  url: z.string().describe('Reads the bytes without a credential.'),
  expiresAt: z.date().describe('When the URL stops working.'),
}).meta({ id: 'DownloadedModel' });
export type DownloadedModel = z.infer<typeof DownloadedModel>;

export const ModelInput = z
  .strictObject({ id: z.union([Id, storableText(200).min(1)]).describe('The model’s id or its name.') })
  .meta({ id: 'ModelInput' });
export type ModelInput = z.infer<typeof ModelInput>;

export const DeleteModelInput = ModelInput.extend({ dryRun }).meta({ id: 'DeleteModelInput' });
export type DeleteModelInput = z.infer<typeof DeleteModelInput>;

export const DeleteModelVersionInput = ModelInput.extend({ version: VersionNumber, dryRun }).meta({
  id: 'DeleteModelVersionInput',
});
export type DeleteModelVersionInput = z.infer<typeof DeleteModelVersionInput>;

export const SetAliasInput = ModelInput.extend({ alias: ModelAlias, version: VersionNumber }).meta({
  id: 'SetAliasInput',
});
export type SetAliasInput = z.infer<typeof SetAliasInput>;

export const RemoveAliasInput = ModelInput.extend({ alias: ModelAlias }).meta({ id: 'RemoveAliasInput' });
export type RemoveAliasInput = z.infer<typeof RemoveAliasInput>;

export const ListModelsInput = PageInput.extend({
  name: storableText(200).optional().describe('Part of the name, in any case.'),
}).meta({ id: 'ListModelsInput' });
export type ListModelsInput = z.infer<typeof ListModelsInput>;

export const ModelPage = pageOf(Model).meta({ id: 'ModelPage' });
