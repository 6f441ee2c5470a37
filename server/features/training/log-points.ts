import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { appendPoints, goalOf, type SeriesPoints } from '../metrics/index.ts';
import type { LoggedPoints, LogPointsInput, TrainingRun } from './contract.ts';
import { advanceRun, holdRun, setStatus } from './store.ts';

/**
 * Writes points of many series, all of them or none. A point is known by its run, key and step: the same value again
 * changes nothing, another value replaces it, also within one call, where the later one counts as later. Costs the same
 * however many points the run has. Renews the lease; a lost run is running again. Throws `not_found`, and
 * `precondition_failed` for a finished run.
 */
export async function logPoints(stores: Stores, actor: Actor, input: LogPointsInput): Promise<LoggedPoints> {
  const { series, same, replaced } = gathered(input, Date.now());
  const logged = await stores.db.transaction(async (tx) => {
    const run = await holdRun(tx, actor, input.runId);
    if (!run) throw notFound('training run', input.runId);
    requireUnfinished(input.runId, run.status);
    const next = { runId: input.runId, revision: run.revision + 1 };
    const goals = run.goals;
    const withGoals = series.map((one) => ({
      ...one,
      goal: (Object.hasOwn(goals, one.key) && goals[one.key]) || goalOf(one.key),
    }));
    const written = await appendPoints(tx, actor, next, withGoals);
    if (run.status === 'lost') await setStatus(tx, actor, input.runId, { status: 'running' });
    const isChanged = written.added + written.replaced > 0 || run.status === 'lost';
    const revision = isChanged ? next.revision : run.revision;
    await advanceRun(tx, actor, input.runId, { revision, added: written.added });
    return { ...written, revision, isChanged };
  });
  if (logged.isChanged) stores.signals.send(`run:${input.runId}`);
  const unchanged = series.reduce((sum, { steps }) => sum + steps.length, 0) - logged.added - logged.replaced;
  return {
    runId: input.runId,
    added: logged.added,
    same: same + unchanged,
    replaced: replaced + logged.replaced,
    revision: logged.revision,
  };
}

/** Throws `precondition_failed` for a run that is completed or failed. */
export function requireUnfinished(id: number, status: TrainingRun['status']): void {
  if (status === 'running' || status === 'lost') return;
  throw new NexusError('precondition_failed', `Training run ${id} is ${status}, and takes no more; start a new run.`, {
    details: { kind: 'training run', id, status },
  });
}

/** The points by series, each step once and in rising order, and what of them was given twice. */
function gathered(
  { points, columns }: LogPointsInput,
  now: number,
): { series: Omit<SeriesPoints, 'goal'>[]; same: number; replaced: number } {
  const byKey = new Map<string, Map<number, { value: number; time: number }>>();
  let [same, replaced] = [0, 0];
  const take = (key: string, step: number, value: number, time: number) => {
    const steps = byKey.get(key) ?? new Map<number, { value: number; time: number }>();
    byKey.set(key, steps);
    const before = steps.get(step);
    if (before && (before.value === value || (Number.isNaN(before.value) && Number.isNaN(value)))) same += 1;
    else {
      if (before) replaced += 1;
      steps.set(step, { value, time });
    }
  };
  for (const { key, step, value, time } of points) take(key, step, value, time?.getTime() ?? now);
  for (const { key, steps, values, times } of columns) {
    for (const [at, step] of steps.entries()) take(key, step, values[at] ?? Number.NaN, times?.[at] ?? now);
  }
  const series = [...byKey].map(([key, steps]) => {
    const all = [...steps].sort(([a], [b]) => a - b);
    return {
      key,
      steps: all.map(([step]) => step),
      values: all.map(([, { value }]) => value),
      times: all.map(([, { time }]) => time),
    };
  });
  return { series, same, replaced };
}
