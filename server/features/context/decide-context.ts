import { enqueue } from '../../outbox/enqueue.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import { asDocument, takenId } from './add-context.ts';
import type { AddContextInput } from './contract.ts';
import { contextDocuments } from './document-databases.ts';
import { documentIdIn } from './document-ids.ts';
import { indexRowOf } from './index-context.ts';
import { findFirstWorkspace, findIndexed, upsertIndex } from './index-store.ts';
import { decidedRevision, storedContext } from './store.ts';
import { newDocumentId } from './stored-fields.ts';

/**
 * Decides documents about a topology together with the rows of this transaction. The relay brings them to CouchDB after the
 * commit, before a later removal of the topology's documents, and from then on a search finds them. Answers each document's
 * id and its effect's, in the order given. Throws `conflict` where an id is taken.
 */
export async function decideContext(
  tx: Transaction,
  actor: Actor,
  topologyId: number,
  documents: readonly Omit<AddContextInput, 'topologyId'>[],
): Promise<{ documentId: string; effectId: number }[]> {
  const timestamp = new Date();
  const given = documents.map((document) => ({ ...document, topologyId, id: document.id ?? newDocumentId('ctx') }));
  const chosen = documents.flatMap(({ id }) => id ?? []);
  const names = await decideNames(tx, actor, chosen);
  const { database } = contextDocuments;
  const decided: { documentId: string; effectId: number }[] = [];
  for (const one of given) {
    const effectId = await enqueue(tx, {
      workspaceId: actor.workspaceId,
      createdBy: actor.userId,
      kind: 'documents.put.v1',
      payload: { database, document: storedContext(actor, names.get(one.id) ?? one.id, one, timestamp) },
      // The same entity as the removal that `forgetContextOf` decides, so that both are applied in the order decided.
      entity: `documents:${database}/topology-${topologyId}`,
    });
    decided.push({ documentId: one.id, effectId });
  }
  const rows = given.map((one) =>
    indexRowOf(actor.workspaceId, {
      documentId: names.get(one.id) ?? one.id,
      document: asDocument(actor, one, decidedRevision, timestamp),
    }),
  );
  await upsertIndex(tx, rows);
  return decided;
}

/** Maps each chosen id to its name in CouchDB, as far as the index knows the existing ones. */
async function decideNames(tx: Transaction, actor: Actor, ids: readonly string[]): Promise<Map<string, string>> {
  const { workspaceId } = actor;
  const names = new Map<string, string>();
  const indexed = await findIndexed(tx, [...ids, ...ids.map((id) => documentIdIn(workspaceId, id))]);
  const isFirst = ids.length > 0 && (await findFirstWorkspace(tx)) === workspaceId;
  for (const id of ids) {
    const own = documentIdIn(workspaceId, id);
    if (names.has(id) || indexed.get(id) === workspaceId || indexed.has(own)) throw takenId(id);
    names.set(id, isFirst && !indexed.has(id) ? id : own);
  }
  return names;
}
