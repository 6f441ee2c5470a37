import { NexusError, notFound } from '../../errors.ts';
import { isSameJson } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import type { CompleteExperimentInput, Experiment } from './contract.ts';
import { findExperiment, putExperiment } from './store.ts';

const maxAttempts = 5;

/**
 * Ends an experiment with its results. Repeated with the same ones it answers what is stored. Throws `not_found`, and
 * `conflict` where it ended with others.
 */
export async function completeExperiment(
  stores: Stores,
  actor: Actor,
  { id, results, status }: CompleteExperimentInput,
): Promise<Experiment> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findExperiment(stores, actor, id);
    if (!found) throw notFound('experiment', id);
    const { experiment, stored } = found;
    if (experiment.status !== 'running') {
      if (experiment.status === status && isSameJson(experiment.results, results)) return experiment;
      throw new NexusError(
        'conflict',
        `The experiment "${id}" is ${experiment.status} with other results; start another experiment.`,
        { details: { id, status: experiment.status } },
      );
    }
    const completedAt = new Date();
    try {
      const { rev } = await putExperiment(stores, {
        ...stored,
        status,
        results,
        completed_at: completedAt.toISOString(),
      });
      return { ...experiment, rev, status, results, completedAt };
    } catch (error) {
      // Somebody changed it in between, or this call's first answer was lost: the next read tells.
      if (!(error instanceof NexusError && error.reason === 'conflict') || attempt >= maxAttempts) throw error;
    }
  }
}
