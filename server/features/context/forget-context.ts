import { enqueue } from '../../outbox/enqueue.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Actor } from '../actor.ts';
import { annotationDocuments, contextDocuments, experimentDocuments, metricDocuments } from './document-databases.ts';
import { deleteTopologyFromIndex, lockTopology } from './store.ts';
import { topologyName } from './stored-fields.ts';

/**
 * Decides, with the deletion of a topology, that its context, its annotations and its experiments with their metrics go.
 * Searches no longer find them when the transaction commits; the relay removes the documents after it. Call it before
 * the row is deleted, and `stores.wakeRelay()` after the commit.
 */
export async function forgetContextOf(tx: Transaction, actor: Actor, topologyId: number): Promise<void> {
  await lockTopology(tx, actor, topologyId);
  await deleteTopologyFromIndex(tx, actor, topologyId);
  const { workspaceId } = actor;
  const left = [
    { ...contextDocuments, key: [workspaceId, topologyId, ''] },
    { ...annotationDocuments, key: [workspaceId, 'topology', topologyName(topologyId)] },
    { ...experimentDocuments, key: [workspaceId, topologyId, ''], partsDatabase: metricDocuments.database },
  ];
  for (const { database, design, list: view, key, ...parts } of left) {
    await enqueue(tx, {
      workspaceId,
      createdBy: actor.userId,
      kind: 'documents.remove-by-key.v1',
      payload: { database, design, view, key, ...parts },
      entity: `documents:${database}/topology-${topologyId}`,
    });
  }
}
