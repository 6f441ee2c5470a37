import { invalidInput, NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { ObjectContents } from '../objects/contract.ts';
import { deleteUnusedObjectRows, requireReadyObject } from '../objects/index.ts';
import type { AttachAdapterInput, QloraModule } from './contract.ts';
import { contradictionsOf } from './contradictions.ts';
import { lockModule, setAdapter } from './store.ts';

/**
 * Makes two ready objects the module's adapter: a safetensors file with LoRA pairs, and its `adapter_config.json`. The ones
 * that it had go, unless something else needs them. Throws `precondition_failed` with every contradiction between the files
 * and the module's record (rank, alpha, target modules, base model), `invalid_input` where an object is something else,
 * `not_found`.
 */
export async function attachAdapter(stores: Stores, actor: Actor, input: AttachAdapterInput): Promise<QloraModule> {
  const { id, weightsObjectId, configObjectId } = input;
  const attached = await stores.db.transaction(async (tx) => {
    const module = await lockModule(tx, actor, id);
    if (!module) throw notFound('module', id);
    const weights = await contentsOf(tx, actor, 'weightsObjectId', weightsObjectId);
    const config = await contentsOf(tx, actor, 'configObjectId', configObjectId);
    if (weights.format !== 'safetensors' || weights.adapter === null) {
      throw invalidInput(
        'weightsObjectId',
        `Object ${weightsObjectId} has no LoRA pairs; give an adapter’s safetensors.`,
      );
    }
    if (config.format !== 'peft-adapter-config') {
      throw invalidInput(
        'configObjectId',
        `Object ${configObjectId} is no adapter_config.json; give the adapter’s own.`,
      );
    }
    refuseContradictions(module, [weights, config]);
    const changed = await setAdapter(tx, actor, input);
    if (!changed) throw notFound('module', id);
    const replaced = [module.weightsObjectId, module.configObjectId].flatMap((objectId) =>
      objectId === null || objectId === weightsObjectId || objectId === configObjectId ? [] : [objectId],
    );
    await deleteUnusedObjectRows(tx, actor, replaced);
    await recordAudit(tx, actor, 'modules.attachAdapter', `module:${id}`, { weightsObjectId, configObjectId });
    return changed;
  });
  stores.wakeRelay();
  return attached;
}

/** Throws `precondition_failed` that names everything in which the files and the record differ. */
export function refuseContradictions(
  module: Pick<QloraModule, 'id' | 'rank' | 'alpha' | 'targetModules' | 'baseModel'>,
  contents: readonly (ObjectContents | null)[],
): void {
  const contradictions = contradictionsOf(module, contents);
  if (contradictions.length === 0) return;
  throw new NexusError(
    'precondition_failed',
    `The adapter is not that of module ${module.id}: ${contradictions.join('; ')}. Update the module, or give its own files.`,
    { details: { id: module.id, contradictions } },
  );
}

async function contentsOf(tx: Transaction, actor: Actor, field: string, objectId: string): Promise<ObjectContents> {
  const { contents, key } = await requireReadyObject(tx, actor, objectId);
  if (contents) return contents;
  throw invalidInput(
    field,
    `Object ${objectId} is ${key}; an adapter is a *.safetensors and an adapter_config.json, which are read as such by their names.`,
  );
}
