import { enqueue } from '../../outbox/enqueue.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Actor } from '../actor.ts';
import { takenId } from './add-context.ts';
import type { AddContextInput } from './contract.ts';
import { contextDocuments } from './document-databases.ts';
import { indexRowOf } from './index-context.ts';
import { findIndexed, upsertIndex } from './index-store.ts';
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
  const ids = given.map(({ id }) => id);
  const [taken] = [...ids.filter((id, at) => ids.indexOf(id) !== at), ...(await findIndexed(tx, ids))];
  if (taken !== undefined) throw takenId(taken);
  const { database } = contextDocuments;
  const decided: { documentId: string; effectId: number }[] = [];
  for (const one of given) {
    const effectId = await enqueue(tx, {
      workspaceId: actor.workspaceId,
      createdBy: actor.userId,
      kind: 'documents.put.v1',
      payload: { database, document: storedContext(actor, one, timestamp) },
      // Of the same entity as the removal that `forgetContextOf` decides: whichever was decided first is applied first.
      entity: `documents:${database}/topology-${topologyId}`,
    });
    decided.push({ documentId: one.id, effectId });
  }
  const rows = given.map(({ id, type, data, metadata }) =>
    indexRowOf(actor.workspaceId, {
      id,
      rev: decidedRevision,
      type,
      data,
      topologyId,
      metadata,
      timestamp,
      createdBy: actor.userId,
    }),
  );
  await upsertIndex(tx, rows);
  return decided;
}
