import { createHash } from 'node:crypto';
import { invalidInput, NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isViolationOf, type Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { refuseContradictions, requireModule } from '../modules/index.ts';
import { requireOrigin, requireReadyObject, storeSmallObjectWith } from '../objects/index.ts';
import type { ModelVersion, UploadModelInput } from './contract.ts';
import { findVersionOf, insertVersion, reserveVersion, selectVersions } from './store.ts';

/**
 * Adds a version to a model, which it makes where it is new: from a JSON document of at most 16 MiB, or from a ready
 * object of kind `model`. Versions count 1, 2, 3 …; an upload that fails leaves its number out. A call with the `requestId`
 * of an earlier one answers what that made, also where both come at once. Throws `not_found` for an unknown object,
 * topology, module or run, `precondition_failed` for a pending object and for an adapter that contradicts the record of its
 * module, `conflict` where the `requestId` was that of another upload, `too_large`.
 */
export async function uploadModel(stores: Stores, actor: Actor, input: UploadModelInput): Promise<ModelVersion> {
  const made = await findMade(stores, actor, input);
  if (made) return made;
  try {
    return await (input.objectId === undefined
      ? uploadDocument(stores, actor, input)
      : registerObject(stores, actor, input, input.objectId));
  } catch (error) {
    const other = isViolationOf(error, 'model_versions_request_key') && (await findMade(stores, actor, input));
    if (other) return other;
    throw error;
  }
}

/** The version that an earlier call with the same `requestId` made. */
async function findMade(stores: Stores, actor: Actor, input: UploadModelInput): Promise<ModelVersion | undefined> {
  const { requestId, name, objectId, modelData } = input;
  const made = requestId === undefined ? undefined : await findVersionOf(stores.db, actor, requestId);
  if (!made) return undefined;
  const isSame = objectId === undefined ? made.sha256 === sha256Of(bytesOf(modelData)) : made.objectId === objectId;
  if (made.name === name && isSame) return made;
  throw new NexusError(
    'conflict',
    `requestId ${requestId} is that of version ${made.version} of model "${made.name}", which has other bytes or another name; give each upload a new one.`,
    { details: { field: 'requestId', modelId: made.modelId, version: made.version } },
  );
}

const bytesOf = (modelData: unknown) => Buffer.from(JSON.stringify(modelData));
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function uploadDocument(stores: Stores, actor: Actor, input: UploadModelInput): Promise<ModelVersion> {
  const bytes = bytesOf(input.modelData);
  const reserved = await stores.db.transaction(async (tx) => {
    await requireOrigin(tx, actor, input);
    return reserveVersion(tx, actor, input);
  });
  const name = `${input.name}-v${reserved.version}.json`;
  const document = { kind: 'model' as const, name, bytes, contentType: 'application/json' };
  return storeSmallObjectWith(stores, actor, document, (tx, object) =>
    recordVersion(tx, actor, input, { ...reserved, objectId: object.id }),
  );
}

async function registerObject(
  stores: Stores,
  actor: Actor,
  input: UploadModelInput,
  objectId: string,
): Promise<ModelVersion> {
  return stores.db.transaction(async (tx) => {
    const object = await requireReadyObject(tx, actor, objectId);
    if (object.kind !== 'model') {
      throw invalidInput(
        'objectId',
        `Object ${objectId} is a ${object.kind}; a model’s version needs an object of kind "model".`,
      );
    }
    await requireOrigin(tx, actor, input);
    // The header of a module's weights must agree with the module.
    if (input.moduleId !== undefined)
      refuseContradictions(await requireModule(tx, actor, input.moduleId), [object.contents]);
    const reserved = await reserveVersion(tx, actor, input);
    return recordVersion(tx, actor, input, { ...reserved, objectId });
  });
}

async function recordVersion(
  tx: Transaction,
  actor: Actor,
  { metadata, topologyId, moduleId, runId, requestId }: UploadModelInput,
  added: { modelId: number; version: number; objectId: string },
): Promise<ModelVersion> {
  const { workspaceId, userId: createdBy } = actor;
  await insertVersion(tx, { ...added, workspaceId, createdBy, metadata, topologyId, moduleId, runId, requestId });
  await recordAudit(tx, actor, 'models.upload', `model:${added.modelId}`, { version: added.version });
  const [version] = await selectVersions(tx, actor, added.modelId, { version: added.version, limit: 1 });
  if (!version) throw new Error('A model version is not there after its insert.');
  return version;
}
