import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { SeriesFigures } from './contract.ts';
import { figuresOf, selectSeries } from './store.ts';

/** Figures of a run's series, ordered by key; at most `limit`. */
export async function listFigures(
  db: Database,
  actor: Actor,
  runId: number,
  { key, limit }: { key?: string; limit: number },
): Promise<SeriesFigures[]> {
  return (await selectSeries(db, actor, runId, { limit, ...(key !== undefined && { key }) })).map(figuresOf);
}
