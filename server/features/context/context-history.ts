import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ContextDocument, DocumentHistoryInput } from './contract.ts';
import { contextDocuments } from './document-databases.ts';
import { hasHistory, readHistory, type Version } from './document-history.ts';
import { documentIdIn, findMeant } from './document-ids.ts';
import { contextOf } from './store.ts';

/** A context document and its earlier versions, newest first, in pages; also of a deleted one. Throws `not_found`. */
export async function contextHistory(
  stores: Stores,
  actor: Actor,
  input: DocumentHistoryInput,
): Promise<{ items: Version<ContextDocument>[]; nextCursor: string | null }> {
  const { database } = contextDocuments;
  const meant = await findMeant(stores, actor, input.id);
  const own = documentIdIn(actor.workspaceId, input.id);
  // The history tells which name a deleted document had.
  const id = meant?._id ?? ((await hasHistory(stores, actor, database, own)) ? own : input.id);
  return readHistory(stores, actor, {
    ...input,
    database,
    id,
    givenId: input.id,
    kind: 'context document',
    read: contextOf(actor),
  });
}
