import { z } from 'zod';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import {
  annotationDocuments,
  contextDocuments,
  eventDocuments,
  experimentDocuments,
  metricDocuments,
} from './document-databases.ts';
import { deleteTopologyFromIndex } from './index-store.ts';
import { lockTopology } from './store.ts';
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
  for (const { database, design, list: view, key, parts } of documentsOf(actor, topologyId)) {
    await enqueue(tx, {
      workspaceId,
      createdBy: actor.userId,
      kind: 'documents.remove-by-key.v1',
      payload: { database, design, view, key, partsDatabase: parts.map((one) => one.database) },
      entity: `documents:${database}/topology-${topologyId}`,
    });
  }
}

const documentsOf = ({ workspaceId }: Actor, topologyId: number) => [
  { ...contextDocuments, key: [workspaceId, topologyId, ''], parts: [eventDocuments] },
  { ...annotationDocuments, key: [workspaceId, 'topology', topologyName(topologyId)], parts: [eventDocuments] },
  { ...experimentDocuments, key: [workspaceId, topologyId, ''], parts: [metricDocuments, eventDocuments] },
];

const pageSize = 500;
const maxPages = 10_000;
const RowKey = z.array(z.union([z.string(), z.number()]));

/** How many documents `forgetContextOf` would remove, without the metrics and histories that go with them. */
export async function countContextOf({ documents }: Stores, actor: Actor, topologyId: number): Promise<number> {
  let count = 0;
  for (const { database, design, list, key } of documentsOf(actor, topologyId)) {
    let startKey = key;
    for (let page = 0; page < maxPages; page += 1) {
      const found = await documents.view(database, design, list, { startKey, endKey: [...key, {}], limit: pageSize });
      count += found.length;
      const last = found.at(-1);
      if (!last || found.length < pageSize) break;
      // A longer list comes after each of its beginnings, and a key ends with its document's id.
      startKey = [...RowKey.parse(last.key), ''];
    }
  }
  return count;
}
