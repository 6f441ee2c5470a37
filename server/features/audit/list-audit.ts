import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import type { AuditEntry, ListAuditInput } from './contract.ts';
import { selectEntries } from './store.ts';

/** The workspace's audit log, newest first, in pages. Entries match all filters given. */
export async function listAudit(
  stores: Stores,
  actor: Actor,
  input: ListAuditInput,
): Promise<{ items: AuditEntry[]; nextCursor: string | null }> {
  const found = await selectEntries(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (entry) => [entry.id]);
}
