import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isSameJson } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { experimentDocuments, reviseDocument } from '../context/index.ts';
import type { CompleteExperimentInput, Experiment } from './contract.ts';
import { experimentOf } from './store.ts';

/**
 * Ends an experiment with its results. Repeated with the same ones it answers what is stored. Throws `not_found`, and
 * `conflict` where it ended with others.
 */
export const completeExperiment = (
  stores: Stores,
  actor: Actor,
  { id, results, status }: CompleteExperimentInput,
): Promise<Experiment> =>
  reviseDocument(stores, actor, {
    database: experimentDocuments.database,
    id,
    kind: 'experiment',
    expectedRev: undefined,
    read: experimentOf(actor),
    change: (current) => {
      if (current.status === 'running') return { status, results, completed_at: new Date().toISOString() };
      if (current.status === status && isSameJson(current.results, results)) return undefined;
      throw new NexusError(
        'conflict',
        `The experiment "${id}" is ${current.status} with other results; start another experiment.`,
        { details: { id, status: current.status } },
      );
    },
  });
