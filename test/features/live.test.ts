import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { addContext } from '../../server/features/context/add-context.ts';
import { addManyContext } from '../../server/features/context/add-many-context.ts';
import {
  AddContextInput,
  AddManyContextInput,
  type ContextNews,
  LiveContextInput,
  UpdateContextInput,
} from '../../server/features/context/contract.ts';
import { deleteContext } from '../../server/features/context/delete-context.ts';
import { followContext, forgetContextOf } from '../../server/features/context/index.ts';
import { liveContext } from '../../server/features/context/live-context.ts';
import { updateContext } from '../../server/features/context/update-context.ts';
import { completeExperiment } from '../../server/features/experiments/complete-experiment.ts';
import {
  CompleteExperimentInput,
  CreateExperimentInput,
  type ExperimentNews,
  LogExperimentMetricsInput,
} from '../../server/features/experiments/contract.ts';
import { createExperiment } from '../../server/features/experiments/create-experiment.ts';
import { liveExperiment } from '../../server/features/experiments/live-experiment.ts';
import { logMetrics } from '../../server/features/experiments/log-metrics.ts';
import type { Actor } from '../../server/procedure/actor.ts';
import { aTopology, type DocumentDomain, openDocumentDomain } from '../support/document-domain.ts';
import { aMember } from '../support/members.ts';

let domain: DocumentDomain;
beforeAll(async () => {
  domain = await openDocumentDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

type Event<Item> = { id: string; item: Item };
/** Reads a subscription until it has so many events, or until it ends. */
async function take<Item>(
  count: number,
  open: (signal: AbortSignal) => AsyncIterable<Event<Item>>,
): Promise<Event<Item>[]> {
  const stopping = new AbortController();
  const seen: Event<Item>[] = [];
  if (count === 0) return seen;
  for await (const event of open(stopping.signal)) {
    seen.push(event);
    if (seen.length === count) break;
  }
  stopping.abort();
  return seen;
}
const watch = (given: z.input<typeof LiveContextInput>, count: number, actor = domain.actor) =>
  take<ContextNews>(count, (signal) => liveContext(domain.stores, actor, LiveContextInput.parse(given), signal));
const watchExperiment = (id: string, count: number, lastEventId?: string, actor = domain.actor) =>
  take<ExperimentNews>(count, (signal) => liveExperiment(domain.stores, actor, { id, lastEventId }, signal));
const add = (given: Partial<z.input<typeof AddContextInput>>, actor: Actor = domain.actor) =>
  addContext(domain.stores, actor, AddContextInput.parse({ type: 'note', data: 'x', ...given }));
const documents = (events: Event<ContextNews>[]) => events.map(({ item }) => item.document);
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });
const create = async (topologyId?: number) =>
  createExperiment(
    domain.stores,
    domain.actor,
    CreateExperimentInput.parse({
      name: 'e',
      topologyId: topologyId ?? (await aTopology(domain.stores, domain.actor)),
    }),
  );
const log = (given: z.input<typeof LogExperimentMetricsInput>) =>
  logMetrics(domain.stores, domain.actor, LogExperimentMetricsInput.parse(given));

test('a subscription tells what is added to its topology, changed and deleted, and nothing else', async () => {
  const [topologyId, other] = [
    await aTopology(domain.stores, domain.actor),
    await aTopology(domain.stores, domain.actor),
  ];
  const first = await add({ topologyId });
  const begun = await watch({ topologyId, lastEventId: '0' }, 1);
  expect(documents(begun)).toEqual([first]);
  await add({ topologyId: other });
  await add({});
  const second = await updateContext(
    domain.stores,
    domain.actor,
    UpdateContextInput.parse({ id: first.id, data: 'y' }),
  );
  const changed = await watch({ topologyId, lastEventId: begun[0]?.id }, 1);
  expect(documents(changed)).toEqual([second]);
  await deleteContext(domain.stores, domain.actor, { id: first.id });
  const deleted = await watch({ topologyId, lastEventId: changed[0]?.id }, 1);
  expect(deleted[0]?.item).toEqual({ id: first.id, document: null });
  const third = await add({ topologyId });
  expect(documents(await watch({ topologyId, lastEventId: deleted[0]?.id }, 1))).toEqual([third]);
});

test('a subscription without a place tells what comes from now on, of every topology, and what other programs write', async () => {
  const actor = await aMember(domain.stores);
  await add({}, actor);
  await domain.follower.caughtUp();
  const stopping = new AbortController();
  const events = liveContext(domain.stores, actor, LiveContextInput.parse({}), stopping.signal);
  const next = events.next();
  const _id = `ctx_${randomUUID()}`;
  const stored = {
    _id,
    type: 'note',
    data: 'theirs',
    timestamp: '2024-01-15T10:30:00Z',
    workspace_id: actor.workspaceId,
  };
  // Whichever comes first, the reading of the place or the write: the write has a later position than the first note.
  await domain.follower.caughtUp();
  await domain.stores.documents.put('topology_context', stored);
  expect((await next).value).toMatchObject({ item: { id: _id, document: { data: 'theirs', topologyId: null } } });
  stopping.abort();
  expect((await events.next()).done).toBe(true);
});

test('over three followers, a reader that comes back again and again sees every document once', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  await using _second = followContext(domain.stores);
  await using _third = followContext(domain.stores);
  const total = 240;
  const writing = (async () => {
    for (let batch = 0; batch < 12; batch += 1) {
      const given = Array.from({ length: 10 }, (_, n) => ({ type: 'note', data: batch * 20 + n, topologyId }));
      await Promise.all([
        addManyContext(domain.stores, domain.actor, AddManyContextInput.parse({ documents: given })),
        ...Array.from({ length: 10 }, (_, n) => add({ data: batch * 20 + 10 + n, topologyId })),
      ]);
    }
  })();
  const seen: Event<ContextNews>[] = [];
  while (seen.length < total) {
    const some = Math.min(1 + (seen.length % 37), total - seen.length);
    seen.push(...(await watch({ topologyId, lastEventId: seen.at(-1)?.id ?? '0' }, some)));
  }
  await writing;
  const numbers = documents(seen).map((document) => Number(document?.data));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, n) => n));
  const places = seen.map(({ id }) => Number(id));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('an experiment is told with its points so far, then each as it comes, whatever their ids', async () => {
  const { id } = await create();
  const stored = { id, metrics: [{ epoch: 0 }, { epoch: 1 }], ids: ['z9', 'z8'] };
  await log(stored);
  const begun = await watchExperiment(id, 3);
  const epochs = (events: Event<ExperimentNews>[]) => events.flatMap(({ item }) => item.metric?.epoch ?? []);
  expect(begun.find(({ item }) => item.experiment)?.item.experiment).toMatchObject({ id, status: 'running' });
  expect(epochs(begun).map(Number).sort()).toEqual([0, 1]);
  // Ids that sort before what was read already come late, and are not passed over; those sent again are not told again.
  const rest: Event<ExperimentNews>[] = [];
  for (const [n, one] of ['y', 'a', '0', 'm', '00'].entries()) {
    await log({ id, metrics: { epoch: n + 2 }, ids: [one] });
    await log(stored);
    rest.push(...(await watchExperiment(id, 1, rest.at(-1)?.id ?? begun.at(-1)?.id)));
  }
  expect(epochs(rest)).toEqual([2, 3, 4, 5, 6]);
  const ended = CompleteExperimentInput.parse({ id, results: { best: 1 } });
  const completed = await completeExperiment(domain.stores, domain.actor, ended);
  const [last] = await watchExperiment(id, 1, rest.at(-1)?.id);
  expect(last?.item).toEqual({ experiment: completed, metric: null });
});

test('of 16 callers that log at once a reader that comes back misses no point and sees none twice', async () => {
  const { id } = await create();
  const total = 320;
  const writing = Promise.all(
    Array.from({ length: 16 }, async (_, caller) => {
      for (let n = 0; n < 20; n += 1) {
        const ids = [`${randomUUID()}`];
        await log({ id, metrics: { epoch: caller * 20 + n }, ids });
      }
    }),
  );
  const seen: Event<ExperimentNews>[] = [];
  while (seen.length < total + 1) {
    const some = Math.min(1 + (seen.length % 41), total + 1 - seen.length);
    seen.push(...(await watchExperiment(id, some, seen.at(-1)?.id)));
  }
  await writing;
  const epochs = seen.flatMap(({ item }) => item.metric?.epoch ?? []);
  expect(epochs.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, n) => n));
});

test('a subscription to an experiment ends when it is deleted with its topology', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const { id } = await create(topologyId);
  await log({ id, metrics: { epoch: 1 } });
  const watching = watchExperiment(id, 1000);
  await domain.stores.db.transaction((tx) => forgetContextOf(tx, domain.actor, topologyId));
  await domain.relay.drain();
  expect((await watching).length).toBeLessThan(4);
});

test('nothing of another workspace is told', async () => {
  const stranger = await aMember(domain.stores, undefined, 'owner');
  const topologyId = await aTopology(domain.stores, domain.actor);
  await add({ topologyId });
  const { id } = await create();
  await refused(watch({ topologyId, lastEventId: '0' }, 1, stranger), 'not_found');
  await refused(watchExperiment(id, 1, '0', stranger), 'not_found');
  const mine = await add({}, stranger);
  expect(documents(await watch({ lastEventId: '0' }, 1, stranger))).toEqual([mine]);
});

test('a place that no event had is refused', () => {
  for (const lastEventId of ['', '-1', '1e3', { $gt: null }, '9'.repeat(16)]) {
    expect(LiveContextInput.safeParse({ lastEventId }).success).toBe(false);
  }
});
