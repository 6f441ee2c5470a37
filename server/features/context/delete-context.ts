import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { contextDocuments } from './document-databases.ts';
import { keepVersion } from './document-history.ts';
import { findMeant } from './document-ids.ts';
import { deleteFromIndex } from './index-store.ts';
import { contextOf, enqueueDeletion, removeContext } from './store.ts';

const { database } = contextDocuments;

/** Deletes a document: no read, list or search has it any more; its history stays. Throws `not_found`. */
export async function deleteContext(stores: Stores, actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  const meant = await findMeant(stores, actor, id);
  if (!meant) throw notFound('context document', id);
  return stores.documents.inTurn(database, meant._id, async () => {
    const stored = await stores.documents.find(database, meant._id);
    if (!stored || !contextOf(actor)(stored)) throw notFound('context document', id);
    await keepVersion(stores, database, stored);
    await stores.db.transaction(async (tx) => {
      await recordAudit(tx, actor, 'context.delete', `context:${id}`);
      await deleteFromIndex(tx, [stored._id]);
      await enqueueDeletion(tx, actor, stored);
    });
    stores.wakeRelay();
    try {
      // Removes it at once for lists that follow; the relay repeats a failure.
      await removeContext(stores, stored);
    } catch (error) {
      stores.log.warn({ err: error, id }, 'The context document is removed by the relay.');
    }
    return { id };
  });
}
