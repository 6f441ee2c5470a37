import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Lineage, LineageInput } from './contract.ts';
import { findMissing, selectAround, selectRunsOf } from './store.ts';

const maxRuns = 200;

/**
 * The origins and results of something, through the runs that it belongs to: their topologies, modules and datasets,
 * and the model versions and checkpoints that they led to. A run that named no version of a dataset may have used any
 * of its chunks, and is listed for each. Throws `not_found`.
 */
export async function readLineage(stores: Stores, actor: Actor, input: LineageInput): Promise<Lineage> {
  const missing = await findMissing(stores.db, actor, input);
  if (missing) throw notFound(missing.kind, missing.id);
  const found = await selectRunsOf(stores.db, actor, input, maxRuns + 1);
  const runs = found.slice(0, maxRuns);
  const around = await selectAround(
    stores.db,
    actor,
    input,
    runs.map(({ id }) => id),
  );
  return { ...around, runs, hasMoreRuns: found.length > maxRuns };
}
