import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { ObjectInput } from './contract.ts';
import { deleteObjectRows } from './delete-object.ts';
import { lockObjects } from './store.ts';

/**
 * Gives an upload up: its row is gone at once, what arrived of it right after. Throws `not_found`, and `conflict` for an
 * object that is ready or that another call is completing.
 */
export async function abortUpload(stores: Stores, actor: Actor, { id }: ObjectInput): Promise<{ id: string }> {
  await stores.db.transaction(async (tx) => {
    const [locked] = await lockObjects(tx, actor, [id]);
    if (!locked) throw notFound('object', id);
    if (locked.row.status === 'ready') {
      throw new NexusError(
        'conflict',
        `Object ${id} is ready, so that there is no upload to abort; delete it instead.`,
        {
          details: { id, status: 'ready' },
        },
      );
    }
    await deleteObjectRows(tx, actor, [id]);
    await recordAudit(tx, actor, 'objects.abort', `object:${id}`, { bucket: locked.row.bucket, key: locked.row.key });
  });
  stores.wakeRelay();
  return { id };
}
