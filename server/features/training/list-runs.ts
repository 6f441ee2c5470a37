import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import type { ListRunsInput, TrainingRun } from './contract.ts';
import { selectRuns } from './store.ts';

/** The workspace's runs, newest first, in pages. */
export async function listRuns(
  stores: Stores,
  actor: Actor,
  input: ListRunsInput,
): Promise<{ items: TrainingRun[]; nextCursor: string | null }> {
  const found = await selectRuns(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (run) => [run.id]);
}
