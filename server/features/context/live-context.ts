import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { followFeed } from '../feed/index.ts';
import type { ContextNews, LiveContextInput } from './contract.ts';
import { contextDocuments } from './document-databases.ts';
import { givenIdOf } from './document-ids.ts';
import { findContexts, findTopologies } from './store.ts';
import { topologyName } from './stored-fields.ts';

/**
 * Documents of a topology (or of the workspace) as they are added, changed or deleted, whoever does it, until `signal`
 * aborts: from `lastEventId` on, or from now on. Each revision comes once; of several in between the newest. Throws
 * `not_found` for a topology.
 */
export async function* liveContext(
  stores: Stores,
  actor: Actor,
  { topologyId, lastEventId }: LiveContextInput,
  signal?: AbortSignal,
): AsyncGenerator<{ id: string; item: ContextNews }, void, unknown> {
  if (topologyId !== undefined && !(await findTopologies(stores.db, actor, [topologyId])).has(topologyId)) {
    throw notFound('topology', topologyId);
  }
  const asked = {
    databases: [contextDocuments.database],
    scope: topologyId === undefined ? undefined : topologyName(topologyId),
    after: lastEventId === undefined ? ('now' as const) : Number(lastEventId),
  };
  for await (const rows of followFeed(stores, actor, asked, signal)) {
    const documents = await findContexts(
      stores,
      actor,
      rows.map(({ documentId }) => documentId),
    );
    for (const [place, { documentId, position, revision, isDeleted }] of rows.entries()) {
      const document = documents[place];
      // One that changed again meanwhile gets a later position, and is told there.
      if (!isDeleted && document?.rev !== revision) continue;
      yield {
        id: String(position),
        item: { id: givenIdOf(documentId, actor.workspaceId), document: isDeleted ? null : (document ?? null) },
      };
    }
  }
}
