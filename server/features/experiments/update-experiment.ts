import { invalidInput } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { experimentDocuments, reviseDocument } from '../context/index.ts';
import type { Experiment, UpdateExperimentInput } from './contract.ts';
import { experimentOf } from './store.ts';

/**
 * Changes the fields that are given, and keeps what they were in the history. Throws `not_found`, `conflict` with the
 * present experiment where it is no longer at `expectedRev`, and `invalid_input` for results of one that runs.
 */
export const updateExperiment = (
  stores: Stores,
  actor: Actor,
  { id, expectedRev, ...given }: UpdateExperimentInput,
): Promise<Experiment> =>
  reviseDocument(stores, actor, {
    database: experimentDocuments.database,
    id,
    kind: 'experiment',
    expectedRev,
    read: experimentOf(actor),
    change: (current) => ({
      ...(given.name !== undefined && { name: given.name }),
      ...(given.description !== undefined && { description: given.description }),
      ...(given.parameters !== undefined && { parameters: given.parameters }),
      ...outcomeOf(current, given),
    }),
  });

function outcomeOf(
  current: Experiment,
  { status = current.status, results }: Pick<UpdateExperimentInput, 'status' | 'results'>,
): Record<string, unknown> {
  if (status === 'running') {
    if (results !== undefined) {
      throw invalidInput('results', 'An experiment that runs has no results; give the status "completed" or "failed".');
    }
    return { status, results: null, completed_at: null };
  }
  const completedAt = current.completedAt ?? new Date();
  return { status, completed_at: completedAt.toISOString(), ...(results !== undefined && { results }) };
}
