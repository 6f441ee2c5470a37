import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { RemovedBytes } from '../deletion.ts';
import { deleteUnusedObjectRows } from '../objects/index.ts';
import { deleteCheckpointRows } from './store.ts';

/**
 * Deletes a topology's checkpoints and, unless something else needs them, their objects, in the caller's transaction;
 * the bytes go after it. Call `stores.wakeRelay()` then.
 */
export async function removeCheckpointsOf(tx: Transaction, actor: Actor, topologyId: number): Promise<RemovedBytes> {
  const objectIds = await deleteCheckpointRows(tx, actor, topologyId);
  return deleteUnusedObjectRows(tx, actor, objectIds);
}
