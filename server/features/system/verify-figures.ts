import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { refreshTopologyFigures, selectTopologyPage, selectWrongFigures } from './store.ts';
import type { Suspicion } from './verify-objects.ts';

const page = 200;

/** Compares the kept figures of every topology with its rows, a page of topologies at a time. */
export async function verifyFigures(stores: Stores, suspect: Suspicion): Promise<void> {
  for (let after = 0; ; ) {
    const ids = await selectTopologyPage(stores.db, after, page);
    for (const { topologyId, workspaceId } of await selectWrongFigures(stores.db, ids)) {
      suspect({
        finding: {
          problem: 'figures_wrong',
          place: 'topology_figures',
          key: String(topologyId),
          workspaceId,
          detail: `The analytics of topology ${topologyId} are not what its rows say.`,
          repair: 'Work them out anew.',
        },
        isStillSo: async () => (await selectWrongFigures(stores.db, [topologyId])).length > 0,
      });
    }
    const last = ids.at(-1);
    if (last === undefined || ids.length < page) return;
    after = last;
  }
}

/** Works the figures of a topology out anew, where they are wrong still. */
export async function refreshFigures(db: Database, topologyId: number): Promise<boolean> {
  if ((await selectWrongFigures(db, [topologyId])).length === 0) return false;
  await refreshTopologyFigures(db, topologyId);
  return true;
}
