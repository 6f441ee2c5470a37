import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ContextDocument, UpdateContextInput } from './contract.ts';
import { contextDocuments } from './document-databases.ts';
import { findMeant } from './document-ids.ts';
import { indexWritten } from './index-context.ts';
import { reviseDocument } from './revise-document.ts';
import { contextOf, findTopologies } from './store.ts';
import { topologyName } from './stored-fields.ts';

/**
 * Changes the fields that are given, and keeps what they were in the history. Throws `not_found`, also for a topology, and
 * `conflict` with the present document where it is no longer at `expectedRev`.
 */
export async function updateContext(
  stores: Stores,
  actor: Actor,
  { id, expectedRev, type, data, topologyId, metadata }: UpdateContextInput,
): Promise<ContextDocument> {
  if (typeof topologyId === 'number' && !(await findTopologies(stores.db, actor, [topologyId])).has(topologyId)) {
    throw notFound('topology', topologyId);
  }
  const meant = await findMeant(stores, actor, id);
  if (!meant) throw notFound('context document', id);
  const document = await reviseDocument(stores, actor, {
    database: contextDocuments.database,
    id: meant._id,
    givenId: id,
    kind: 'context document',
    expectedRev,
    read: contextOf(actor),
    change: () => ({
      ...(type !== undefined && { type }),
      ...(data !== undefined && { data }),
      ...(metadata !== undefined && { metadata }),
      ...(topologyId !== undefined && { topology_id: topologyId === null ? null : topologyName(topologyId) }),
    }),
  });
  const homeless = await indexWritten(stores, actor, [{ documentId: meant._id, document }]);
  if (homeless.has(meant._id)) throw notFound('topology', document.topologyId ?? '');
  return document;
}
