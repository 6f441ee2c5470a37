import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Experiment, ListExperimentsInput } from './contract.ts';
import { selectExperiments } from './store.ts';

/** The workspace's experiments without their metrics, newest first, in pages. */
export async function listExperiments(
  stores: Stores,
  actor: Actor,
  input: ListExperimentsInput,
): Promise<{ items: Experiment[]; nextCursor: string | null }> {
  return selectExperiments(stores, actor, input);
}
