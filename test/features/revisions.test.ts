import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { addAnnotation } from '../../server/features/annotations/add-annotation.ts';
import { annotationHistory } from '../../server/features/annotations/annotation-history.ts';
import { AddAnnotationInput, UpdateAnnotationInput } from '../../server/features/annotations/contract.ts';
import { updateAnnotation } from '../../server/features/annotations/update-annotation.ts';
import { addContext } from '../../server/features/context/add-context.ts';
import { contextHistory } from '../../server/features/context/context-history.ts';
import {
  AddContextInput,
  DocumentHistoryInput,
  SearchContextInput,
  UpdateContextInput,
} from '../../server/features/context/contract.ts';
import { deleteContext } from '../../server/features/context/delete-context.ts';
import { contextDocuments } from '../../server/features/context/document-databases.ts';
import { documentIdIn } from '../../server/features/context/document-ids.ts';
import { followed } from '../../server/features/context/followed.ts';
import { getContext } from '../../server/features/context/get-context.ts';
import { forgetContextOf } from '../../server/features/context/index.ts';
import { searchContext } from '../../server/features/context/search-context.ts';
import { updateContext } from '../../server/features/context/update-context.ts';
import { completeExperiment } from '../../server/features/experiments/complete-experiment.ts';
import {
  CompleteExperimentInput,
  CreateExperimentInput,
  UpdateExperimentInput,
} from '../../server/features/experiments/contract.ts';
import { createExperiment } from '../../server/features/experiments/create-experiment.ts';
import { experimentHistory } from '../../server/features/experiments/experiment-history.ts';
import { updateExperiment } from '../../server/features/experiments/update-experiment.ts';
import { openDocuments } from '../../server/stores/documents.ts';
import { aTopology, type DocumentDomain, openDocumentDomain } from '../support/document-domain.ts';
import { proxyOf } from '../support/document-proxy.ts';
import { aMember } from '../support/members.ts';

let domain: DocumentDomain;
beforeAll(async () => {
  domain = await openDocumentDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

const add = (given: Partial<z.input<typeof AddContextInput>> = {}) =>
  addContext(domain.stores, domain.actor, AddContextInput.parse({ type: 'note', data: 'first', ...given }));
const update = (given: z.input<typeof UpdateContextInput>, actor = domain.actor, stores = domain.stores) =>
  updateContext(stores, actor, UpdateContextInput.parse(given));
const get = (id: string) => getContext(domain.stores, domain.actor, { id });
const remove = (id: string, actor = domain.actor) => deleteContext(domain.stores, actor, { id });
const history = (id: string, given: Partial<z.input<typeof DocumentHistoryInput>> = {}, actor = domain.actor) =>
  contextHistory(domain.stores, actor, DocumentHistoryInput.parse({ id, ...given }));
const found = async (text: string) =>
  (await searchContext(domain.stores, domain.actor, SearchContextInput.parse({ text }))).items.map(
    ({ document }) => document.id,
  );
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });
const aWord = () => `word${randomUUID().replaceAll('-', '')}`;

test('a change names what changes; the rest stays, and a search finds it as it is now', async () => {
  const [before, after] = [aWord(), aWord()];
  const topologyId = await aTopology(domain.stores, domain.actor);
  const first = await add({ data: before, topologyId, metadata: { priority: 'high' } });
  const second = await update({ id: first.id, data: { text: after } });
  expect(second).toEqual({ ...first, data: { text: after }, rev: second.rev });
  expect(await get(first.id)).toEqual(second);
  expect(await found(before)).toEqual([]);
  expect(await found(after)).toEqual([first.id]);
  const third = await update({ id: first.id, topologyId: null, metadata: {}, type: 'insight' });
  expect(third).toMatchObject({ topologyId: null, metadata: {}, type: 'insight', data: { text: after } });
  expect(await update({ id: first.id })).toEqual(third);
});

test('a change of a document that changed since is a conflict that tells what it is now', async () => {
  const first = await add();
  const second = await update({ id: first.id, data: 'second', expectedRev: first.rev });
  await expect(update({ id: first.id, data: 'third', expectedRev: first.rev })).rejects.toMatchObject({
    reason: 'conflict',
    details: { field: 'expectedRev', current: second },
  });
  expect(await get(first.id)).toEqual(second);
  const third = await update({ id: first.id, data: 'third', expectedRev: second.rev });
  expect(third.data).toBe('third');
});

test('a change with its revision sent again is answered as it stands', async () => {
  const first = await add();
  const change = { id: first.id, data: 'second', expectedRev: first.rev };
  const second = await update(change);
  expect(await update(change)).toEqual(second);
});

test('of many who change one revision at once, one has its way and the others learn of it', async () => {
  const first = await add();
  const answers = await Promise.allSettled(
    Array.from({ length: 16 }, (_, n) => update({ id: first.id, data: n, expectedRev: first.rev })),
  );
  const won = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  expect(won).toEqual([await get(first.id)]);
  for (const answer of answers) {
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ details: { current: won[0] } });
  }
});

test('of 32 who change a document without a revision all succeed, over two servers, and the history has every change', async () => {
  const first = await add({ data: 'start' });
  const other = { ...domain.stores, documents: openDocuments(domain.address, domain.place) };
  await Promise.all(
    Array.from({ length: 32 }, (_, n) =>
      update({ id: first.id, data: n }, domain.actor, n % 2 ? other : domain.stores),
    ),
  );
  const { items } = await history(first.id, { limit: 100 });
  expect(items[0]?.item).toEqual(await get(first.id));
  const values = items.map(({ item }) => item?.data);
  expect(
    values
      .slice(0, -1)
      .map(Number)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 32 }, (_, n) => n));
  expect(values.at(-1)).toBe('start');
});

test('a change whose answer is lost is made once', async () => {
  const first = await add();
  await using proxy = await proxyOf(domain.address);
  const lossy = { ...domain.stores, documents: openDocuments(proxy.address, domain.place) };
  // The first answer to each write: to that of the version that is kept, and to that of the document.
  const lost = new Set<string>();
  proxy.failWhen(({ method, path }) => (method === 'PUT' && lost.size < lost.add(path).size ? 'answer' : undefined));
  const second = await update({ id: first.id, data: 'second', expectedRev: first.rev }, domain.actor, lossy);
  expect(second.rev).toMatch(/^2-/);
  expect(lost.size).toBe(2);
  expect((await history(first.id)).items.map(({ item }) => item?.data)).toEqual(['second', 'first']);
});

test('a history tells in pages what was, when and by whom, also after the deletion', async () => {
  const colleague = await aMember(domain.stores, domain.actor.workspaceId);
  const first = await add({ data: 0 });
  for (let n = 1; n <= 4; n += 1) await update({ id: first.id, data: n }, n % 2 ? colleague : domain.actor);
  await remove(first.id, colleague);
  await domain.relay.drain();
  await expect.poll(async () => (await history(first.id)).items.length).toBe(6);
  const seen = [];
  let cursor: string | undefined;
  do {
    const page = await history(first.id, { limit: 2, cursor });
    seen.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(seen.map(({ item }) => item?.data ?? null)).toEqual([null, 4, 3, 2, 1, 0]);
  const [me, them] = [domain.actor.userId, colleague.userId];
  expect(seen.map(({ by }) => by)).toEqual([them, me, them, me, them, me]);
  expect(seen.at(-1)).toEqual({ rev: first.rev, at: first.timestamp, by: me, item: first });
  expect(seen.map(({ at }) => at.getTime())).toEqual(seen.map(({ at }) => at.getTime()).toSorted((a, b) => b - a));
});

test('what is deleted is no longer read or found, and another may be written under its id at once', async () => {
  const [word, again] = [aWord(), aWord()];
  const { id } = await add({ data: word, id: `mine_${randomUUID()}` });
  await remove(id);
  await refused(get(id), 'not_found');
  expect(await found(word)).toEqual([]);
  const second = await add({ id, data: again });
  await domain.relay.drain();
  await domain.follower.caughtUp();
  expect(await get(id)).toEqual(second);
  expect(await found(again)).toEqual([id]);
  await refused(remove(`none_${randomUUID()}`), 'not_found');
});

test('a deletion that comes late takes nothing out that was written anew under its id', async () => {
  const word = aWord();
  const { id, rev } = await add({ id: `mine_${randomUUID()}` });
  await remove(id);
  const second = await add({ id, data: word });
  const context = followed.find(({ database }) => database === contextDocuments.database);
  const late = (deletion: string) =>
    domain.stores.db.transaction(async (tx) => {
      const documentId = documentIdIn(domain.actor.workspaceId, id);
      await context?.project?.(tx, [{ id: documentId, rev: deletion, isDeleted: true, doc: undefined }], false);
    });
  await late(rev.replace(/^1-/, '2-'));
  expect(await found(word)).toEqual([id]);
  await late(second.rev);
  expect(await found(word)).toEqual([]);
});

test('nothing of another workspace is changed, deleted or told', async () => {
  const stranger = await aMember(domain.stores, undefined, 'owner');
  const first = await add();
  await update({ id: first.id, data: 'second' });
  await refused(update({ id: first.id, data: 'x' }, stranger), 'not_found');
  await refused(update({ id: first.id, data: 'x', expectedRev: first.rev }, stranger), 'not_found');
  await refused(remove(first.id, stranger), 'not_found');
  await refused(history(first.id, {}, stranger), 'not_found');
  const topologyId = await aTopology(domain.stores, stranger);
  await refused(update({ id: first.id, topologyId }), 'not_found');
});

test('an annotation is changed by its author or an owner, and its history kept', async () => {
  const colleague = await aMember(domain.stores, domain.actor.workspaceId);
  const { id: targetId } = await add();
  const given = AddAnnotationInput.parse({ targetId, targetType: 'document', annotation: 'good', tags: ['a'] });
  const first = await addAnnotation(domain.stores, domain.actor, given);
  const change = (changes: Partial<z.input<typeof UpdateAnnotationInput>>, actor = domain.actor) =>
    updateAnnotation(domain.stores, actor, UpdateAnnotationInput.parse({ id: first.id, ...changes }));
  await refused(change({ annotation: 'bad' }, colleague), 'forbidden');
  const second = await change({ annotation: 'better', expectedRev: first.rev });
  expect(second).toEqual({ ...first, annotation: 'better', rev: second.rev });
  await expect(change({ tags: [], expectedRev: first.rev })).rejects.toMatchObject({ details: { current: second } });
  const third = await change({ tags: [] }, { ...colleague, role: 'owner' });
  const page = await annotationHistory(domain.stores, domain.actor, { id: first.id, limit: 10 });
  expect(page.items.map(({ item }) => item)).toEqual([third, second, first]);
});

test('an experiment is changed, ended and taken up again, and its history kept', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const given = CreateExperimentInput.parse({ name: 'Sweep', topologyId, parameters: { a: 1 } });
  const first = await createExperiment(domain.stores, domain.actor, given);
  const { id } = first;
  const change = (changes: Partial<z.input<typeof UpdateExperimentInput>>) =>
    updateExperiment(domain.stores, domain.actor, UpdateExperimentInput.parse({ id, ...changes }));
  const renamed = await change({ name: 'Wide sweep', expectedRev: first.rev });
  expect(renamed).toEqual({ ...first, name: 'Wide sweep', rev: renamed.rev });
  await expect(change({ status: 'failed', expectedRev: first.rev })).rejects.toMatchObject({
    reason: 'conflict',
    details: { current: renamed },
  });
  await refused(change({ results: { x: 1 } }), 'invalid_input');
  const failed = await change({ status: 'failed', results: { why: 'NaN' } });
  expect(failed).toMatchObject({ status: 'failed', results: { why: 'NaN' }, completedAt: expect.any(Date) });
  const again = await change({ status: 'running' });
  expect(again).toMatchObject({ status: 'running', results: null, completedAt: null });
  const ended = CompleteExperimentInput.parse({ id, results: { ok: true } });
  const last = await completeExperiment(domain.stores, domain.actor, ended);
  const page = await experimentHistory(domain.stores, domain.actor, { id, limit: 10 });
  expect(page.items.map(({ item }) => item)).toEqual([last, again, failed, renamed, first]);
});

test('the histories of a topology go with it', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const { id } = await add({ topologyId });
  await update({ id, data: 'second' });
  await domain.stores.db.transaction((tx) => forgetContextOf(tx, domain.actor, topologyId));
  await domain.relay.drain();
  const range = { startKey: id, endKey: `${id}~`, limit: 10 };
  await expect.poll(() => domain.stores.documents.range('topology_events', range)).toEqual([]);
});

test.each<[string, Record<string, unknown>]>([
  ['a revision that is a selector', { expectedRev: { $gt: null } }],
  ['a revision that is none', { expectedRev: 'latest' }],
  ['a key "__proto__"', { data: JSON.parse('{"__proto__":1}') }],
  ['an id of a design document', { id: '_design/lists_v1' }],
])('a change with %s is refused', (_name, changes) => {
  expect(UpdateContextInput.safeParse({ id: 'ctx_1', data: 'x', ...changes }).success).toBe(false);
});
