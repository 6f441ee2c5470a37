import { liveProcedure, procedure, router, trackedBy } from '../../api/procedures.ts';
import { DocumentHistoryInput } from '../context/contract.ts';
import { completeExperiment } from './complete-experiment.ts';
import {
  CompleteExperimentInput,
  CreateExperimentInput,
  Experiment,
  ExperimentInput,
  ExperimentNews,
  ExperimentPage,
  ExperimentVersionPage,
  ExperimentWithMetrics,
  ListExperimentsInput,
  LiveExperimentInput,
  LogExperimentMetricsInput,
  LoggedExperimentMetrics,
  UpdateExperimentInput,
} from './contract.ts';
import { createExperiment } from './create-experiment.ts';
import { experimentHistory } from './experiment-history.ts';
import { getExperiment } from './get-experiment.ts';
import { listExperiments } from './list-experiments.ts';
import { liveExperiment } from './live-experiment.ts';
import { logMetrics } from './log-metrics.ts';
import { updateExperiment } from './update-experiment.ts';

export const experimentsRouter = router({
  create: procedure
    .meta({
      rest: {
        example: {
          name: 'Learning Rate Sweep',
          topology_id: 'topology-1',
          parameters: { learning_rates: [0.1, 0.01] },
        },
        method: 'POST',
        path: '/experiments',
        status: 201,
      },
      does: 'Starts an experiment.',
    })
    .input(CreateExperimentInput)
    .output(Experiment)
    .mutation(({ ctx, input }) => createExperiment(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/experiments/{id}' }, does: 'An experiment with its metrics.' })
    .input(ExperimentInput)
    .output(ExperimentWithMetrics)
    .query(({ ctx, input }) => getExperiment(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({
      rest: { method: 'GET', path: '/experiments', alsoPaths: ['/experiments/by_topology/{topology_id}'] },
      does: 'Lists experiments without their metrics, newest first.',
    })
    .input(ListExperimentsInput)
    .output(ExperimentPage)
    .query(({ ctx, input }) => listExperiments(ctx.stores, ctx.actor, input)),
  live: liveProcedure
    .meta({
      rest: { method: 'GET', path: '/experiments/{id}/live' },
      yields: ExperimentNews,
      does: 'Tells of an experiment and its points so far, and then of each change and each point as it comes.',
    })
    .input(LiveExperimentInput)
    .subscription(({ ctx, input }) => trackedBy(liveExperiment(ctx.stores, ctx.actor, input, ctx.signal))),
  logMetrics: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: { metrics: { epoch: 5, train_loss: 0.234, val_loss: 0.267 } },
        method: 'POST',
        path: '/experiments/{id}/metrics',
      },
      does: 'Logs one or many points of a running experiment.',
      refuses: { conflict: 'It is over, or one of the `ids` has other values.' },
    })
    .input(LogExperimentMetricsInput)
    .output(LoggedExperimentMetrics)
    .mutation(({ ctx, input }) => logMetrics(ctx.stores, ctx.actor, input)),
  update: procedure
    .meta({
      rest: { example: { description: 'From 0.1 to 0.0001' }, method: 'PATCH', path: '/experiments/{id}' },
      does: 'Changes an experiment; what it was stays in its history.',
      refuses: { conflict: 'It was changed after `expectedRev`; `details.current` is what it is now.' },
    })
    .input(UpdateExperimentInput)
    .output(Experiment)
    .mutation(({ ctx, input }) => updateExperiment(ctx.stores, ctx.actor, input)),
  history: procedure
    .meta({
      rest: { method: 'GET', path: '/experiments/{id}/history' },
      does: 'What an experiment is and was, the newest first.',
    })
    .input(DocumentHistoryInput)
    .output(ExperimentVersionPage)
    .query(({ ctx, input }) => experimentHistory(ctx.stores, ctx.actor, input)),
  complete: procedure
    .meta({
      rest: {
        example: { results: { best_params: { lr: 0.001 }, best_accuracy: 0.94 } },
        method: 'POST',
        path: '/experiments/{id}/complete',
      },
      does: 'Ends an experiment with its results; it may be repeated.',
      refuses: { conflict: 'It is over, with other results.' },
    })
    .input(CompleteExperimentInput)
    .output(Experiment)
    .mutation(({ ctx, input }) => completeExperiment(ctx.stores, ctx.actor, input)),
});
