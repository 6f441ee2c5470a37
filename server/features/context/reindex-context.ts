import type { Stores } from '../../stores/stores.ts';
import { contextDocuments } from './document-databases.ts';
import { indexRowOf } from './index-context.ts';
import { deleteFromIndex, readPosition, upsertIndex } from './index-store.ts';
import { readChanges, readContext } from './store.ts';

/** Makes the index agree with CouchDB for these documents: what is there is put in, what is not is taken out. */
export async function reindexContext(stores: Stores, ids: readonly string[]): Promise<void> {
  const found = await stores.documents.findMany(contextDocuments.database, ids);
  const rows = found.flatMap((stored) => {
    const read = stored && readContext(stored);
    return read ? indexRowOf(read.workspaceId, read) : [];
  });
  await stores.db.transaction(async (tx) => {
    const there = new Set(rows.map(({ documentId }) => documentId));
    await deleteFromIndex(
      tx,
      ids.filter((id) => !there.has(id)),
    );
    await upsertIndex(tx, rows);
  });
}

/** Whether the follower has indexed all that CouchDB has. */
export async function isFollowed(stores: Stores): Promise<boolean> {
  const { database } = contextDocuments;
  const since = (await readPosition(stores.db, database)) ?? '0';
  return (
    (await readChanges(stores, database, { since, limit: 1, waitMs: 0, withDocuments: false })).changes.length === 0
  );
}
