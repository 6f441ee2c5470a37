import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  CreateSessionInput,
  EndSessionInput,
  ListSessionsInput,
  LogSessionInput,
  Session,
  SessionEventsInput,
} from '../../server/features/sessions/contract.ts';
import { createSession } from '../../server/features/sessions/create-session.ts';
import { endSession } from '../../server/features/sessions/end-session.ts';
import { getSession } from '../../server/features/sessions/get-session.ts';
import { listEvents } from '../../server/features/sessions/list-events.ts';
import { listSessions } from '../../server/features/sessions/list-sessions.ts';
import { logEvents } from '../../server/features/sessions/log-events.ts';
import { type DocumentDomain, openDocumentDomain } from '../support/document-domain.ts';
import { aMember } from '../support/members.ts';

let domain: DocumentDomain;
beforeAll(async () => {
  domain = await openDocumentDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

const create = (given: Partial<z.input<typeof CreateSessionInput>> = {}, actor = domain.actor) =>
  createSession(domain.stores, actor, CreateSessionInput.parse({ sessionType: 'model_development', ...given }));
const end = (given: z.input<typeof EndSessionInput>, actor = domain.actor) =>
  endSession(domain.stores, actor, EndSessionInput.parse(given));
const list = (given: z.input<typeof ListSessionsInput> = {}, actor = domain.actor) =>
  listSessions(domain.stores, actor, ListSessionsInput.parse(given));
const log = (given: z.input<typeof LogSessionInput>, actor = domain.actor) =>
  logEvents(domain.stores, actor, LogSessionInput.parse(given));
const events = (given: z.input<typeof SessionEventsInput>, actor = domain.actor) =>
  listEvents(domain.stores, actor, SessionEventsInput.parse(given));
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });

test('a session is active until it is ended, and ending it again changes nothing', async () => {
  const metadata = { project: 'transformer-optimization' };
  const session = await create({ metadata });
  expect(Session.parse(session)).toEqual(session);
  expect(session).toMatchObject({ status: 'active', userId: domain.actor.userId, metadata, endedAt: null });
  expect((await list({ isActive: true })).items).toContainEqual(session);
  const ended = await end({ id: session.id, summary: 'Found the cause.' });
  expect(ended).toMatchObject({ id: session.id, status: 'ended', summary: 'Found the cause.', metadata });
  expect(ended.endedAt).toBeInstanceOf(Date);
  expect(await end({ id: session.id, summary: 'Again.' })).toEqual(ended);
  expect((await list({ isActive: false })).items).toContainEqual(ended);
  expect((await list({ isActive: true })).items.map(({ id }) => id)).not.toContain(session.id);
});

test('a session that 16 callers end at once is ended once', async () => {
  const { id } = await create();
  const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => end({ id, summary: `${n}` })));
  expect(new Set(answers.map(({ rev }) => rev)).size).toBe(1);
  expect(new Set(answers.map(({ summary }) => summary)).size).toBe(1);
});

test('only an owner or an admin starts or ends a session of another member', async () => {
  const { stores, actor } = domain;
  const colleague = await aMember(stores, actor.workspaceId);
  const stranger = await aMember(stores);
  const owner = { ...actor, role: 'owner' as const };
  await refused(create({ userId: colleague.userId }), 'forbidden');
  await refused(create({ userId: stranger.userId }, owner), 'not_found');
  const session = await create({ userId: `user-${colleague.userId}` }, owner);
  expect(session).toMatchObject({ userId: colleague.userId, createdBy: actor.userId });
  await refused(end({ id: session.id }), 'forbidden');
  await end({ id: session.id }, colleague);
  const { id } = await create({ userId: colleague.userId }, { ...actor, isAdmin: true });
  expect((await end({ id }, owner)).status).toBe('ended');
});

test('sessions are listed by user, newest first, in pages', async () => {
  const someone = await aMember(domain.stores, domain.actor.workspaceId);
  const sessions = [await create({}, someone), await create({}, someone), await create({}, someone)];
  const first = await list({ userId: someone.userId, limit: 2 });
  expect(first.items).toEqual([sessions[2], sessions[1]]);
  const second = await list({ userId: someone.userId, limit: 2, cursor: first.nextCursor ?? undefined });
  expect(second).toEqual({ items: [sessions[0]], nextCursor: null });
});

test('a session of another workspace is neither listed nor ended', async () => {
  const stranger = await aMember(domain.stores, undefined, 'owner');
  const { id } = await create();
  expect((await list({}, stranger)).items).toEqual([]);
  await refused(end({ id }, stranger), 'not_found');
  await refused(end({ id: 'ses_nothing' }), 'not_found');
});

test('events are read back in the order in which they came, in pages', async () => {
  const { id, rev } = await create();
  const { ids } = await log({
    id,
    events: [
      { type: 'note', data: { _id: 'mine', n: 1 } },
      { type: 'note', data: 'two' },
    ],
  });
  await log({ id, events: { type: 'stop' } });
  const first = await events({ id, limit: 2 });
  expect(first.items).toMatchObject([
    { id: ids[0], type: 'note', data: { _id: 'mine', n: 1 }, createdBy: domain.actor.userId },
    { id: ids[1], data: 'two', timestamp: expect.any(Date) },
  ]);
  const second = await events({ id, limit: 2, cursor: first.nextCursor ?? undefined });
  expect(second).toMatchObject({ items: [{ type: 'stop', data: null }], nextCursor: null });
  expect((await getSession(domain.stores, domain.actor, { id })).rev).toBe(rev);
});

test('events sent again with the same ids are there once, and another under an id is a conflict', async () => {
  const { id } = await create();
  const twice = { id, events: [{ type: 'a' }, { type: 'b', data: [1] }], ids: ['1', '2'] };
  expect(await log(twice)).toEqual({ id, ids: ['1', '2'] });
  await log(twice);
  expect((await events({ id })).items.map(({ type }) => type)).toEqual(['a', 'b']);
  await refused(log({ ...twice, events: [{ type: 'a' }, { type: 'b', data: [2] }] }), 'conflict');
  await refused(log({ ...twice, ids: ['1'] }), 'invalid_input');
});

test('of 32 callers that log events at once none loses one', async () => {
  const { id } = await create();
  await Promise.all(
    Array.from({ length: 32 }, async (_, caller) => {
      for (let n = 0; n < 4; n += 1) await log({ id, events: { type: 'event', data: caller * 4 + n } });
    }),
  );
  const { items } = await events({ id, limit: 200 });
  expect(items.map(({ data }) => Number(data)).sort((a, b) => a - b)).toEqual(Array.from({ length: 128 }, (_, n) => n));
});

test('nobody logs into a session that ended, of another member, or of another workspace', async () => {
  const colleague = await aMember(domain.stores, domain.actor.workspaceId);
  const stranger = await aMember(domain.stores, undefined, 'owner');
  const { id } = await create();
  await refused(log({ id, events: { type: 'x' } }, colleague), 'forbidden');
  await refused(log({ id, events: { type: 'x' } }, stranger), 'not_found');
  await refused(events({ id }, stranger), 'not_found');
  await refused(getSession(domain.stores, stranger, { id }), 'not_found');
  await end({ id });
  await refused(log({ id, events: { type: 'x' } }), 'conflict');
});

test.each<[string, Record<string, unknown>]>([
  ['no event', { events: [] }],
  ['1,001 events', { events: Array.from({ length: 1001 }, () => ({ type: 'x' })) }],
  ['a key "__proto__"', { events: { type: 'x', data: JSON.parse('{"__proto__":1}') } }],
  ['a type that is a selector', { events: { type: { $gt: null } } }],
  ['an id with a colon', { events: { type: 'x' }, ids: ['a:e:b'] }],
])('%s is refused', (_name, changes) => {
  expect(LogSessionInput.safeParse({ id: 'ses_1', ...changes }).success).toBe(false);
});

test('bad input is refused', () => {
  const bad = (changes: Record<string, unknown>) =>
    CreateSessionInput.safeParse({ sessionType: 'x', ...changes }).success;
  expect(bad({ userId: { $gt: null } })).toBe(false);
  expect(bad({ sessionType: '\ud800' })).toBe(false);
  expect(bad({ metadata: JSON.parse('{"__proto__":1}') })).toBe(false);
  expect(EndSessionInput.safeParse({ id: '_design/lists_v1' }).success).toBe(false);
});
