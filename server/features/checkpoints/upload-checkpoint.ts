import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { invalidInput, NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isViolationOf, type Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { checkpointFolder, requireOrigin, requireReadyObject, storeSmallObjectWith } from '../objects/index.ts';
import type { Checkpoint, UploadCheckpointInput } from './contract.ts';
import { findCheckpointNamed, insertCheckpoint } from './store.ts';

/**
 * Keeps the state of a topology's training: a JSON document of at most 16 MiB, or a ready object of kind `checkpoint`
 * that was uploaded for this topology. The same call again, also at the same moment, answers what the first made. Throws
 * `conflict` where the topology has another checkpoint of this name, `not_found` for an unknown topology, run or object,
 * `precondition_failed` for a pending object, `too_large`.
 */
export async function uploadCheckpoint(
  stores: Stores,
  actor: Actor,
  input: UploadCheckpointInput,
): Promise<Checkpoint> {
  await requireOrigin(stores.db, actor, { topologyId: input.topologyId, runId: input.runId });
  const { objectId } = input;
  const given = objectId === undefined ? bytesOf(input) : objectId;
  const made = await findMade(stores, actor, input, given);
  if (made) return made;
  try {
    return await (typeof given === 'string'
      ? registerObject(stores, actor, input, given)
      : uploadDocument(stores, actor, input, given));
  } catch (error) {
    const other = isViolationOf(error, 'checkpoints_name_key') && (await findMade(stores, actor, input, given));
    if (other) return other;
    throw error;
  }
}

const bytesOf = ({ checkpointData }: UploadCheckpointInput) => Buffer.from(JSON.stringify(checkpointData));

/** The checkpoint that an earlier call with the same bytes, or object, and the same facts made. */
async function findMade(
  stores: Stores,
  actor: Actor,
  input: UploadCheckpointInput,
  given: Buffer | string,
): Promise<Checkpoint | undefined> {
  const { topologyId, name, step, runId } = input;
  const made = await findCheckpointNamed(stores.db, actor, topologyId, name);
  if (!made) return undefined;
  const isSame =
    (typeof given === 'string' ? made.objectId === given : made.sha256 === sha256Of(given)) &&
    made.step === (step ?? null) &&
    made.runId === (runId ?? null) &&
    isDeepStrictEqual(made.metadata, JSON.parse(JSON.stringify(input.metadata)));
  if (isSame) return made;
  throw new NexusError(
    'conflict',
    `Topology ${topologyId} has a checkpoint "${name}" of another step, run, metadata or other bytes; choose another name.`,
    { details: { topologyId, name, checkpointId: made.id } },
  );
}

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function uploadDocument(
  stores: Stores,
  actor: Actor,
  input: UploadCheckpointInput,
  bytes: Buffer,
): Promise<Checkpoint> {
  const document = {
    kind: 'checkpoint' as const,
    name: `${input.name}.json`,
    topologyId: input.topologyId,
    bytes,
    contentType: 'application/json',
  };
  return storeSmallObjectWith(stores, actor, document, (tx, object) => record(tx, actor, input, object.id));
}

function registerObject(
  stores: Stores,
  actor: Actor,
  input: UploadCheckpointInput,
  objectId: string,
): Promise<Checkpoint> {
  return stores.db.transaction(async (tx) => {
    const object = await requireReadyObject(tx, actor, objectId);
    if (!object.key.startsWith(checkpointFolder(input.topologyId))) {
      throw invalidInput(
        'objectId',
        `Object ${objectId} is at ${object.key}, which is not in ${checkpointFolder(input.topologyId)}; upload it as a checkpoint of topology ${input.topologyId}.`,
      );
    }
    return record(tx, actor, input, objectId);
  });
}

async function record(
  tx: Transaction,
  actor: Actor,
  { name, topologyId, runId, step, metadata }: UploadCheckpointInput,
  objectId: string,
): Promise<Checkpoint> {
  const { workspaceId, userId: createdBy } = actor;
  const checkpoint = await insertCheckpoint(tx, {
    workspaceId,
    createdBy,
    name,
    topologyId,
    runId,
    step,
    metadata,
    objectId,
  });
  await recordAudit(tx, actor, 'checkpoints.upload', `checkpoint:${checkpoint.id}`, { topologyId, name });
  return checkpoint;
}
