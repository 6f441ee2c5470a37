import { DocumentHistoryInput } from '../context/contract.ts';
import { mutation, query, subscription } from '../define.ts';
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

export const experiments = {
  create: mutation({
    role: 'editor',
    rest: 'POST /experiments',
    status: 201,
    example: {
      name: 'Learning Rate Sweep',
      topology_id: 'topology-1',
      parameters: { learning_rates: [0.1, 0.01] },
    },
    does: 'Starts an experiment.',
    input: CreateExperimentInput,
    output: Experiment,
    run: ({ ctx, input }) => createExperiment(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /experiments/{id}',
    does: 'An experiment with its metrics.',
    input: ExperimentInput,
    output: ExperimentWithMetrics,
    run: ({ ctx, input }) => getExperiment(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /experiments',
    alsoPaths: ['/experiments/by_topology/{topology_id}'],
    does: 'Lists experiments without their metrics, newest first.',
    input: ListExperimentsInput,
    output: ExperimentPage,
    run: ({ ctx, input }) => listExperiments(ctx.stores, ctx.actor, input),
  }),
  live: subscription({
    role: 'viewer',
    rest: 'GET /experiments/{id}/live',
    does: 'Tells of an experiment and its points so far, and then of each change and each point as it comes.',
    input: LiveExperimentInput,
    output: ExperimentNews,
    run: ({ ctx, input }) => liveExperiment(ctx.stores, ctx.actor, input, ctx.signal),
  }),
  logMetrics: mutation({
    role: 'editor',
    rest: 'POST /experiments/{id}/metrics',
    example: { metrics: { epoch: 5, train_loss: 0.234, val_loss: 0.267 } },
    bodyMiB: 64,
    does: 'Logs one or many points of a running experiment.',
    refuses: { conflict: 'It is over, or one of the `ids` has other values.' },
    input: LogExperimentMetricsInput,
    output: LoggedExperimentMetrics,
    run: ({ ctx, input }) => logMetrics(ctx.stores, ctx.actor, input),
  }),
  update: mutation({
    role: 'editor',
    rest: 'PATCH /experiments/{id}',
    example: { description: 'From 0.1 to 0.0001' },
    does: 'Changes an experiment; what it was stays in its history.',
    refuses: { conflict: 'It was changed after `expectedRev`; `details.current` is what it is now.' },
    input: UpdateExperimentInput,
    output: Experiment,
    run: ({ ctx, input }) => updateExperiment(ctx.stores, ctx.actor, input),
  }),
  history: query({
    role: 'viewer',
    rest: 'GET /experiments/{id}/history',
    does: 'Lists the versions of an experiment, newest first.',
    input: DocumentHistoryInput,
    output: ExperimentVersionPage,
    run: ({ ctx, input }) => experimentHistory(ctx.stores, ctx.actor, input),
  }),
  complete: mutation({
    role: 'editor',
    rest: 'POST /experiments/{id}/complete',
    example: { results: { best_params: { lr: 0.001 }, best_accuracy: 0.94 } },
    does: 'Ends an experiment with its results; it may be repeated.',
    refuses: { conflict: 'It is over, with other results.' },
    input: CompleteExperimentInput,
    output: Experiment,
    run: ({ ctx, input }) => completeExperiment(ctx.stores, ctx.actor, input),
  }),
};
