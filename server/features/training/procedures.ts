import { mutation, query, subscription } from '../define.ts';
import { Lineage, LineageInput } from '../lineage/contract.ts';
import { readLineage } from '../lineage/index.ts';
import { compareRuns } from './compare-runs.ts';
import {
  CompareInput,
  Comparison,
  Curve,
  FinishRunInput,
  FollowRunInput,
  Heartbeat,
  HistoryInput,
  ListRunsInput,
  LoggedPoints,
  LogPointsInput,
  RunInput,
  RunNews,
  SaveResultsInput,
  StartRunInput,
  TrainingRun,
  TrainingRunDetails,
  TrainingRunPage,
  UpdateRunInput,
} from './contract.ts';
import { finishRun } from './finish-run.ts';
import { followRun } from './follow-run.ts';
import { getRun } from './get-run.ts';
import { keepAlive } from './keep-alive.ts';
import { listRuns } from './list-runs.ts';
import { logPoints } from './log-points.ts';
import { readHistory } from './read-history.ts';
import { saveResults } from './save-results.ts';
import { startRun } from './start-run.ts';
import { updateRun } from './update-run.ts';

export const training = {
  start: mutation({
    role: 'editor',
    rest: 'POST /training/runs',
    status: 201,
    example: { topology_id: 'topology-1', params: { lr: 0.001 }, tags: ['baseline'] },
    bodyMiB: 64,
    does: 'Starts a run, to be logged to.',
    input: StartRunInput,
    output: TrainingRun,
    run: ({ ctx, input }) => startRun(ctx.stores, ctx.actor, input),
  }),
  log: mutation({
    role: 'editor',
    rest: 'POST /training/runs/{run_id}/points',
    example: {
      points: [
        { key: 'loss', step: 1, value: 0.8 },
        { key: 'loss', step: 2, value: 0.5 },
      ],
    },
    bodyMiB: 64,
    does: 'Writes up to 10,000 points of a run; sending them again changes nothing.',
    refuses: { precondition_failed: 'The run is over.' },
    input: LogPointsInput,
    output: LoggedPoints,
    run: ({ ctx, input }) => logPoints(ctx.stores, ctx.actor, input),
  }),
  heartbeat: mutation({
    role: 'editor',
    rest: 'POST /training/runs/{id}/heartbeat',
    does: 'Renews the lease of a run that has nothing to log; a lost one is running again.',
    refuses: { precondition_failed: 'The run is over.' },
    input: RunInput,
    output: Heartbeat,
    run: ({ ctx, input }) => keepAlive(ctx.stores, ctx.actor, input),
  }),
  live: subscription({
    role: 'viewer',
    rest: 'GET /training/runs/{run_id}/live',
    does: 'New points and the status of a run, each once, over every break of the connection.',
    input: FollowRunInput,
    output: RunNews,
    run: ({ ctx, input }) => followRun(ctx.stores, ctx.actor, input, ctx.signal),
  }),
  update: mutation({
    role: 'editor',
    rest: 'PATCH /training/runs/{id}',
    example: { tags: ['baseline'], notes: 'Overfits after epoch 8.' },
    does: 'Changes the name, tags and notes of a run, running or finished.',
    input: UpdateRunInput,
    output: TrainingRun,
    run: ({ ctx, input }) => updateRun(ctx.stores, ctx.actor, input),
  }),
  finish: mutation({
    role: 'editor',
    rest: 'POST /training/runs/{id}/finish',
    example: { accuracy: 0.94, results: { final_model: 'path/to/model.pt' } },
    bodyMiB: 64,
    does: 'Ends a run, completed or failed.',
    refuses: { conflict: 'It is over, with another outcome.' },
    input: FinishRunInput,
    output: TrainingRun,
    run: ({ ctx, input }) => finishRun(ctx.stores, ctx.actor, input),
  }),
  saveResults: mutation({
    role: 'editor',
    rest: 'POST /training/results',
    status: 201,
    example: {
      topology_id: 'topology-1',
      results: { final_model: 'path/to/model.pt' },
      loss_values: [0.8, 0.5, 0.3, 0.15],
      accuracy: 0.94,
      epochs: 4,
    },
    does: 'Stores a finished run in one call: losses by epoch, accuracy, epochs, results.',
    input: SaveResultsInput,
    output: TrainingRunDetails,
    run: ({ ctx, input }) => saveResults(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /training/runs/{id}',
    does: 'A run with what its series have come to.',
    input: RunInput,
    output: TrainingRunDetails,
    run: ({ ctx, input }) => getRun(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /training/runs',
    does: 'Lists runs, newest first.',
    input: ListRunsInput,
    output: TrainingRunPage,
    run: ({ ctx, input }) => listRuns(ctx.stores, ctx.actor, input),
  }),
  lineage: query({
    role: 'viewer',
    rest: 'GET /training/lineage',
    does: 'Reads the origins and results of a topology, module, dataset, chunk, run, model or checkpoint.',
    refuses: { not_found: 'The thing that an id names is not in this workspace.' },
    input: LineageInput,
    output: Lineage,
    run: ({ ctx, input }) => readLineage(ctx.stores, ctx.actor, input),
  }),
  compare: query({
    role: 'viewer',
    rest: 'GET /training/compare',
    does: 'The curves of one key of several runs, in parts of the same steps.',
    input: CompareInput,
    output: Comparison,
    run: ({ ctx, input }) => compareRuns(ctx.stores, ctx.actor, input),
  }),
  history: query({
    role: 'viewer',
    rest: 'GET /training/runs/{run_id}/history',
    does: 'A range of a series, downsampled to the points asked for; no spike is lost.',
    input: HistoryInput,
    output: Curve,
    run: ({ ctx, input }) => readHistory(ctx.stores, ctx.actor, input),
  }),
};
