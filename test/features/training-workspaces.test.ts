import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLineage } from '../../server/features/lineage/read-lineage.ts';
import { compareRuns } from '../../server/features/training/compare-runs.ts';
import {
  FinishRunInput,
  HistoryInput,
  ListRunsInput,
  LogPointsInput,
  StartRunInput,
} from '../../server/features/training/contract.ts';
import { finishRun } from '../../server/features/training/finish-run.ts';
import { followRun } from '../../server/features/training/follow-run.ts';
import { getRun } from '../../server/features/training/get-run.ts';
import { keepAlive } from '../../server/features/training/keep-alive.ts';
import { listRuns } from '../../server/features/training/list-runs.ts';
import { logPoints } from '../../server/features/training/log-points.ts';
import { readHistory } from '../../server/features/training/read-history.ts';
import { startRun } from '../../server/features/training/start-run.ts';
import { aTopology, type ObjectDomain, openObjectDomain } from '../support/object-domain.ts';

let domain: ObjectDomain;
beforeAll(async () => {
  domain = await openObjectDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

test('a run of another workspace is not there for anything that takes a run', async () => {
  const { stores, actor, otherActor } = domain;
  const { id: topologyId } = await aTopology(stores, actor);
  const { id } = await startRun(stores, actor, StartRunInput.parse({ topologyId }));
  const points = [{ key: 'loss', step: 1, value: 1 }];
  await logPoints(stores, actor, LogPointsInput.parse({ runId: id, points }));
  const { id: theirs } = await aTopology(stores, otherActor);
  const attempts = [
    () => startRun(stores, otherActor, StartRunInput.parse({ topologyId })),
    () => startRun(stores, otherActor, StartRunInput.parse({ topologyId: theirs, parentRunId: id })),
    () =>
      logPoints(stores, otherActor, LogPointsInput.parse({ runId: id, points: [{ key: 'loss', step: 1, value: 2 }] })),
    () => keepAlive(stores, otherActor, { id }),
    () => finishRun(stores, otherActor, FinishRunInput.parse({ id })),
    () => getRun(stores, otherActor, { id }),
    () => readHistory(stores, otherActor, HistoryInput.parse({ runId: id, key: 'loss' })),
    () => compareRuns(stores, otherActor, { runIds: [id], key: 'loss', fromStep: 0, toStep: 9, parts: 3 }),
    () => readLineage(stores, otherActor, { runId: id }),
    () => followRun(stores, otherActor, { runId: id, lastEventId: '0' }, undefined).next(),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ reason: 'not_found' });
  const filter = { metric: 'loss', exists: true };
  expect(await listRuns(stores, otherActor, ListRunsInput.parse({ filter }))).toEqual({ items: [], nextCursor: null });
  expect(await getRun(stores, actor, { id })).toMatchObject({ status: 'running', lossValues: [1] });
});
