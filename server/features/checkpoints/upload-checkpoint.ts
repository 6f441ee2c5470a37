import { invalidInput, NexusError } from '../../errors.ts';
import { type Database, isViolationOf, type Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import { checkpointFolder, requireOrigin, requireReadyObject, storeSmallObjectWith } from '../objects/index.ts';
import type { Checkpoint, UploadCheckpointInput } from './contract.ts';
import { hasCheckpoint, insertCheckpoint } from './store.ts';

/**
 * Keeps the state of a topology's training: a JSON document of at most 16 MiB, or a ready object of kind `checkpoint`
 * that was uploaded for this topology. Throws `conflict` where the topology has a checkpoint of this name, `not_found`
 * for an unknown topology, run or object, `precondition_failed` for a pending object, `too_large`.
 */
export async function uploadCheckpoint(
  stores: Stores,
  actor: Actor,
  input: UploadCheckpointInput,
): Promise<Checkpoint> {
  try {
    return await (input.objectId === undefined
      ? uploadDocument(stores, actor, input)
      : registerObject(stores, actor, input, input.objectId));
  } catch (error) {
    if (isViolationOf(error, 'checkpoints_name_key')) throw nameIsTaken(input);
    throw error;
  }
}

async function uploadDocument(stores: Stores, actor: Actor, input: UploadCheckpointInput): Promise<Checkpoint> {
  await refuseEarly(stores.db, actor, input);
  const document = {
    kind: 'checkpoint' as const,
    name: `${input.name}.json`,
    topologyId: input.topologyId,
    bytes: Buffer.from(JSON.stringify(input.checkpointData)),
    contentType: 'application/json',
  };
  return storeSmallObjectWith(stores, actor, document, (tx, object) => record(tx, actor, input, object.id));
}

async function registerObject(
  stores: Stores,
  actor: Actor,
  input: UploadCheckpointInput,
  objectId: string,
): Promise<Checkpoint> {
  return stores.db.transaction(async (tx) => {
    await refuseEarly(tx, actor, input);
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

async function refuseEarly(db: Database, actor: Actor, input: UploadCheckpointInput): Promise<void> {
  await requireOrigin(db, actor, { topologyId: input.topologyId, runId: input.runId });
  if (await hasCheckpoint(db, actor, input.topologyId, input.name)) throw nameIsTaken(input);
}

const nameIsTaken = ({ topologyId, name }: UploadCheckpointInput) =>
  new NexusError('conflict', `Topology ${topologyId} has a checkpoint "${name}"; choose another name.`, {
    details: { topologyId, name },
  });

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
