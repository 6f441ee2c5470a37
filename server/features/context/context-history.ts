import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import type { ContextDocument, DocumentHistoryInput } from './contract.ts';
import { contextDocuments } from './document-databases.ts';
import { readHistory, type Version } from './document-history.ts';
import { contextOf } from './store.ts';

/** What a context document is and was, the newest first, in pages; also of a deleted one. Throws `not_found`. */
export const contextHistory = (
  stores: Stores,
  actor: Actor,
  input: DocumentHistoryInput,
): Promise<{ items: Version<ContextDocument>[]; nextCursor: string | null }> =>
  readHistory(stores, actor, {
    ...input,
    database: contextDocuments.database,
    kind: 'context document',
    read: contextOf(actor),
  });
