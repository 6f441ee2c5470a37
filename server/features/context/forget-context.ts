import { enqueue } from '../../outbox/enqueue.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Actor } from '../actor.ts';
import {
  annotationDocuments,
  contextDocuments,
  eventDocuments,
  experimentDocuments,
  metricDocuments,
} from './document-databases.ts';
import { deleteTopologyFromIndex, lockTopology } from './store.ts';
import { topologyName } from './stored-fields.ts';

/**
 * Decides, with the deletion of a topology, that its context, its annotations and its experiments with their metrics and histories go.
 * Searches no longer find them when the transaction commits; the relay removes the documents after it. Call it before
 * the row is deleted, and `stores.wakeRelay()` after the commit.
 */
export async function forgetContextOf(tx: Transaction, actor: Actor, topologyId: number): Promise<void> {
  await lockTopology(tx, actor, topologyId);
  await deleteTopologyFromIndex(tx, actor, topologyId);
  const { workspaceId } = actor;
  const left = [
    { ...contextDocuments, key: [workspaceId, topologyId, ''], parts: [eventDocuments] },
    { ...annotationDocuments, key: [workspaceId, 'topology', topologyName(topologyId)], parts: [eventDocuments] },
    { ...experimentDocuments, key: [workspaceId, topologyId, ''], parts: [metricDocuments, eventDocuments] },
  ];
  for (const { database, design, list: view, key, parts } of left) {
    await enqueue(tx, {
      workspaceId,
      createdBy: actor.userId,
      kind: 'documents.remove-by-key.v1',
      payload: { database, design, view, key, partsDatabase: parts.map((one) => one.database) },
      entity: `documents:${database}/topology-${topologyId}`,
    });
  }
}
