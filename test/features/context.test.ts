import { randomUUID } from 'node:crypto';
import { setTimeout as nextPoll } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { NexusError } from '../../server/errors.ts';
import { addContext } from '../../server/features/context/add-context.ts';
import { addManyContext } from '../../server/features/context/add-many-context.ts';
import {
  AddContextInput,
  AddManyContextInput,
  ContextDocument,
  ListContextInput,
  SearchContextInput,
} from '../../server/features/context/contract.ts';
import { getContext } from '../../server/features/context/get-context.ts';
import { followContext, forgetContextOf, recentContext, reindex } from '../../server/features/context/index.ts';
import { listContext } from '../../server/features/context/list-context.ts';
import { searchContext } from '../../server/features/context/search-context.ts';
import type { Actor } from '../../server/procedure/actor.ts';
import type { NewDocument } from '../../server/stores/documents.ts';
import { openDocuments } from '../../server/stores/documents.ts';
import { rows } from '../../server/stores/postgres.ts';
import { aTopology, type DocumentDomain, openDocumentDomain, withDocuments } from '../support/document-domain.ts';
import { aMember } from '../support/members.ts';

let domain: DocumentDomain;
beforeAll(async () => {
  domain = await openDocumentDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

type Given = z.input<typeof AddContextInput>;
const add = (given: Given, actor = domain.actor, stores = domain.stores) =>
  addContext(stores, actor, AddContextInput.parse(given));
const addMany = (documents: unknown[], stores = domain.stores) =>
  addManyContext(stores, domain.actor, AddManyContextInput.parse({ documents }));
const list = (given: z.input<typeof ListContextInput> = {}, actor = domain.actor) =>
  listContext(domain.stores, actor, ListContextInput.parse(given));
const search = (text: string, given: Partial<z.input<typeof SearchContextInput>> = {}, actor = domain.actor) =>
  searchContext(domain.stores, actor, SearchContextInput.parse({ text, ...given }));
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });
const aWord = () => `word${randomUUID().replaceAll('-', '')}`;
/** A document as another program writes it. */
const external = (changes: Partial<NewDocument> = {}): NewDocument => ({
  _id: `ctx_${randomUUID()}`,
  type: 'engineering_note',
  data: 'Model shows overfitting after epoch 8...',
  topology_id: 'topology-123',
  metadata: { priority: 'high', author: 'ml-engineer', tags: ['overfitting'] },
  timestamp: '2024-01-15T10:30:00Z',
  workspace_id: domain.actor.workspaceId,
  ...changes,
});
const putExternal = (document: NewDocument) => domain.stores.documents.put('topology_context', document);

test('a note reads back as it was given, in the shape of its contract', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const data = { gpu_utilization: 0.87, _rev: 'mine', nested: [{ deep: [null, true, -1.5e-7, '☃'] }], ref: 1 };
  const metadata = { priority: 'high', author: 'ml-engineer', tags: ['a'] };
  const added = await add({ type: 'system_metrics', data, topologyId: `topology-${topologyId}`, metadata });
  expect(ContextDocument.parse(added)).toEqual(added);
  expect(added).toMatchObject({ type: 'system_metrics', data, topologyId, metadata, createdBy: domain.actor.userId });
  expect(await getContext(domain.stores, domain.actor, { id: added.id })).toEqual(added);
  expect(await domain.stores.documents.find('topology_context', added.id)).toMatchObject({
    _id: added.id,
    topology_id: `topology-${topologyId}`,
    workspace_id: domain.actor.workspaceId,
    created_by: domain.actor.userId,
    timestamp: added.timestamp.toISOString(),
  });
});

test('the same note sent again with its id is the one that is there, and another under that id is a conflict', async () => {
  const id = `note_${randomUUID()}`;
  const note: Given = { id, type: 'note', data: { b: 1, a: [1] } };
  const first = await add(note);
  expect(await add({ ...note, data: { a: [1], b: 1 } })).toEqual(first);
  await refused(add({ ...note, data: 'other' }), 'conflict');
});

test('an id of another workspace is free, and shows nothing of what it holds there', async () => {
  const id = `note_${randomUUID()}`;
  await add({ id, type: 'note', data: 'secret' });
  const other = await aMember(domain.stores);
  await refused(getContext(domain.stores, other, { id }), 'not_found');
  expect(await add({ id, type: 'note', data: 'other' }, other)).toMatchObject({ id, data: 'other' });
});

test('a topology that is not in the workspace is not found', async () => {
  const other = await aMember(domain.stores);
  const topologyId = await aTopology(domain.stores, other);
  await refused(add({ type: 'note', data: 'x', topologyId }), 'not_found');
  await refused(add({ type: 'note', data: 'x', topologyId: 999_999_999 }), 'not_found');
});

const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`);
const shared = () => {
  let at: unknown = 'x';
  for (let level = 0; level < 60; level += 1) at = [at, at];
  return at;
};
const ring: unknown[] = [];
ring.push(ring);
test.each<[string, Record<string, unknown>]>([
  ['a key "__proto__"', { data: JSON.parse('{"a":[{"__proto__":1}]}') }],
  ['a key "__proto__" in metadata', { metadata: JSON.parse('{"__proto__":{"x":1}}') }],
  ['half a surrogate pair', { data: ['\ud800'] }],
  ['a key with half a surrogate pair', { data: { '\udc00': 1 } }],
  ['101 levels', { data: deep(101) }],
  ['100,000 levels', { data: deep(100_000) }],
  ['a list in itself', { data: ring }],
  ['a list that holds the same list 2^60 times', { data: shared() }],
  ['more than 1 MB', { data: 'x'.repeat(1024 * 1024 + 1) }],
  ['9 MB', { data: 'x'.repeat(9 * 1024 * 1024) }],
  ['a Date', { data: new Date() }],
  ['NaN', { data: Number.NaN }],
  ['no data', { data: undefined }],
  ['a selector as topologyId', { topologyId: { $gt: null } }],
  ['an empty type', { type: '' }],
  ['an id with a slash', { id: '_design/x' }],
  ['metadata that is a list', { metadata: [] }],
])('%s is refused', (_name, changes) => {
  expect(AddContextInput.safeParse({ type: 'note', data: 'x', ...changes }).success).toBe(false);
});

test('100 levels, keys that begin with "_" and text with NUL are kept', async () => {
  const data = { _id: 'x', _deleted: true, deep: deep(99), nul: 'a\0b' };
  const { id } = await add({ type: 'note', data });
  expect((await getContext(domain.stores, domain.actor, { id })).data).toEqual(data);
});

test('a bulk answers each document in order, and a bad one fails alone', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const taken = await add({ id: `t_${randomUUID()}`, type: 'note', data: 'there' });
  const twice = `d_${randomUUID()}`;
  const good = { type: 'metric', data: { throughput: 1250 }, topologyId: `topology-${topologyId}` };
  const { results } = await addMany([
    good,
    { type: 'metric' },
    'no document',
    { ...good, topologyId: 'topology-999999999' },
    { ...good, topologyId: { $gt: null } },
    { id: taken.id, type: 'note', data: 'there' },
    { id: taken.id, type: 'note', data: 'else' },
    { id: twice, type: 'note', data: 1 },
    { id: twice, type: 'note', data: 1 },
    { id: twice, type: 'note', data: 2 },
    { ...good, data: JSON.parse('{"__proto__":1}') },
    good,
  ]);
  expect(results.map(({ status }) => status)).toEqual([
    ...['added', 'refused', 'refused', 'refused', 'refused', 'exists', 'refused', 'added', 'exists', 'refused'],
    ...['refused', 'added'],
  ]);
  expect(results[10]?.reason).toContain('__proto__');
  expect((await list({ topologyId })).items.map(({ id }) => id)).toEqual([results[11]?.id, results[0]?.id]);
});

test('5,000 documents are added and read back in pages, and 5,001 are refused', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const word = aWord();
  const document = (n: number) => ({ type: 'metric', data: { n, word }, topologyId });
  expect(
    AddManyContextInput.safeParse({ documents: Array.from({ length: 5001 }, (_, n) => document(n)) }).success,
  ).toBe(false);
  const { results } = await addMany(Array.from({ length: 5000 }, (_, n) => document(n)));
  expect(results.filter(({ status }) => status === 'added')).toHaveLength(5000);
  const seen: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ topologyId, limit: 200, cursor });
    seen.push(...page.items.map(({ data }) => z.object({ n: z.number() }).parse(data).n));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, n) => 4999 - n));
  expect((await search(word, { limit: 100 })).items).toHaveLength(100);
}, 180_000);

test('what CouchDB refuses in a bulk does not fail its neighbours', async () => {
  const bad = `bad_${randomUUID()}`;
  const { bulk } = domain.stores.documents;
  const strict = withDocuments(domain.stores, {
    bulk: async (database, documents) => {
      if (documents.some(({ _id }) => _id.startsWith(bad)))
        throw new NexusError('invalid_input', 'CouchDB refused it.');
      return bulk(database, documents);
    },
  });
  const note = { type: 'note', data: 'x' };
  const { results } = await addMany([note, note, { ...note, id: bad }, note], strict);
  expect(results.map(({ status }) => status)).toEqual(['added', 'added', 'refused', 'added']);
});

test('lists are narrowed by topology and type, newest first, and a deleted cursor loses nothing', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const added: string[] = [];
  for (const type of ['a', 'b', 'a', 'b', 'a']) added.push((await add({ type, data: type, topologyId })).id);
  const newest = added.toReversed();
  const ids = async (given: z.input<typeof ListContextInput>) => (await list(given)).items.map(({ id }) => id);
  expect(await ids({ topologyId })).toEqual(newest);
  expect(await ids({ topologyId, type: 'b' })).toEqual([added[3], added[1]]);
  expect((await ids({ type: 'a' })).slice(0, 1)).toEqual([added[4]]);
  expect((await ids({})).slice(0, 5)).toEqual(newest);
  expect((await recentContext(domain.stores, domain.actor, topologyId, 2)).map(({ id }) => id)).toEqual(
    newest.slice(0, 2),
  );
  const page = await list({ topologyId, limit: 2 });
  await domain.stores.documents.remove('topology_context', newest[1] ?? '');
  const cursor = page.nextCursor ?? undefined;
  expect(await ids({ topologyId, limit: 2, cursor })).toEqual(newest.slice(2, 4));
  await refused(list({ cursor: 'made-up' }), 'invalid_input');
});

test('documents of other programs are listed and read, and malformed ones are passed over', async () => {
  const actor = await aMember(domain.stores);
  const { workspaceId } = actor;
  const plain = external({ workspace_id: workspaceId });
  const { topology_id: _none, ...bare } = external({ workspace_id: workspaceId, timestamp: '2024-01-14T10:30:00Z' });
  await putExternal(bare);
  await putExternal(plain);
  await putExternal(external({ workspace_id: workspaceId, type: 7 }));
  await putExternal(external({ workspace_id: workspaceId, timestamp: 'yesterday' }));
  await putExternal(external({ workspace_id: workspaceId, metadata: 'none', topology_id: { toString: 1 } }));
  expect(await list({}, actor)).toMatchObject({
    items: [
      { id: plain._id, topologyId: 123, createdBy: null, timestamp: new Date('2024-01-15T10:30:00Z') },
      { id: bare._id, topologyId: null },
    ],
    nextCursor: null,
  });
  expect((await list({ topologyId: 123 }, actor)).items).toHaveLength(1);
});

test('a search finds a note at once, by its data, keys, type, tags and author, with the words marked', async () => {
  const [inData, inKey, inType, inTag, author] = [aWord(), aWord(), aWord(), aWord(), aWord()];
  const topologyId = await aTopology(domain.stores, domain.actor);
  const data = { text: `The model shows ${inData} after epoch 8`, [inKey]: 1 };
  const document = await add({ type: inType, data, topologyId, metadata: { tags: [inTag], author } });
  for (const word of [inData, inKey, inType, inTag, author]) {
    const { items } = await search(word);
    expect(items.map((hit) => hit.document)).toEqual([document]);
    expect(items[0]?.highlight).toContain(`«${word}»`);
  }
  expect((await search(inData, { topologyId })).items).toHaveLength(1);
  expect((await search(inData, { type: 'other' })).items).toEqual([]);
  expect((await search(`${inData} ${aWord()}`)).items).toEqual([]);
  expect((await search(`"${inData} after epoch"`)).items).toHaveLength(1);
  expect((await search(`the ' & | ! :* ( ${aWord()}`)).items).toEqual([]);
});

test('a search pages through every hit once, the nearest first', async () => {
  const word = aWord();
  const { results } = await addMany(
    Array.from({ length: 25 }, (_, n) => ({ type: 'note', data: `${word} `.repeat((n % 3) + 1) })),
  );
  const found: { id: string; score: number }[] = [];
  let cursor: string | undefined;
  do {
    const page = await search(word, { limit: 4, cursor });
    found.push(...page.items.map(({ document, score }) => ({ id: document.id, score })));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(found.map(({ id }) => id).sort()).toEqual(results.map(({ id }) => id).sort());
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
});

test('a word that most documents have is searched among the newest, each found once over the pages', async () => {
  const actor = await aMember(domain.stores);
  const word = aWord();
  const documents = Array.from({ length: 120 }, (_, n) => ({ type: n % 2 ? 'a' : 'b', data: `${word} ${n}` }));
  const given = AddManyContextInput.parse({ documents });
  const { results } = await addManyContext(domain.stores, actor, given);
  const found: string[] = [];
  for (let cursor: string | undefined, page = 0; page < 5; page += 1) {
    const hits = await search(word, { limit: 30, cursor }, actor);
    found.push(...hits.items.map(({ document }) => document.id));
    cursor = hits.nextCursor ?? undefined;
    if (!cursor) break;
  }
  expect(found.toSorted()).toEqual(results.map(({ id }) => id).sort());
  expect((await search(word, { limit: 100, type: 'a' }, actor)).items).toHaveLength(60);
});

test('nothing of another workspace is found, listed or read', async () => {
  const word = aWord();
  const { id } = await add({ type: 'note', data: word });
  const other = await aMember(domain.stores);
  expect((await search(word, {}, other)).items).toEqual([]);
  expect((await list({}, other)).items).toEqual([]);
  await refused(getContext(domain.stores, other, { id }), 'not_found');
});

test('the follower finds what was written straight into CouchDB, follows its changes, and forgets what was deleted', async () => {
  const [first, second] = [aWord(), aWord()];
  const document = external({ data: first });
  const { rev } = await putExternal(document);
  await putExternal(external({ data: first, workspace_id: 999_999_999 }));
  await putExternal(external({ data: first, timestamp: null }));
  await domain.follower.caughtUp();
  expect((await search(first)).items.map((hit) => hit.document.id)).toEqual([document._id]);
  await putExternal({ ...document, _rev: rev, data: second });
  await domain.follower.caughtUp();
  expect((await search(first)).items).toEqual([]);
  expect((await search(second)).items).toHaveLength(1);
  await domain.stores.documents.remove('topology_context', document._id);
  await domain.follower.caughtUp();
  expect((await search(second)).items).toEqual([]);
  expect(await indexedIds(domain.actor)).not.toContain(document._id);
});

const indexedIds = async (actor: Actor): Promise<string[]> => {
  const query = sql`select document_id as id from context_index where workspace_id = ${actor.workspaceId}`;
  return (await rows(domain.stores.db, query, z.object({ id: z.string() }))).map(({ id }) => id);
};

test('the follower sees a change by itself, without being asked', async () => {
  const word = aWord();
  await domain.follower.caughtUp();
  await putExternal(external({ data: word }));
  for (let poll = 0; poll < 200 && (await search(word)).items.length === 0; poll += 1) await nextPoll(25);
  expect((await search(word)).items).toHaveLength(1);
});

test('a follower that starts again goes on where the last one was, after errors too', async () => {
  const word = aWord();
  let failures = 0;
  const { changes } = domain.stores.documents;
  const asked: string[] = [];
  const flaky = withDocuments(domain.stores, {
    changes: async (database, since, options) => {
      if (database !== 'topology_context') return changes(database, since, options);
      if (since !== 'now') asked.push(since);
      if (failures++ < 2) throw new NexusError('unavailable', 'CouchDB is away.');
      return changes(database, since, options);
    },
  });
  await domain.follower.caughtUp();
  await putExternal(external({ data: word }));
  await domain.follower.caughtUp();
  await using _follower = followContext(flaky);
  for (let poll = 0; poll < 400 && asked.length === 0; poll += 1) await nextPoll(10);
  expect(failures).toBeGreaterThan(2);
  expect(asked[0]).not.toBe('0');
});

test('of two followers, one of which stops in the middle, nothing is missed, indexed twice or told twice', async () => {
  const actor = await aMember(domain.stores);
  const batches = Array.from({ length: 10 }, () =>
    Array.from({ length: 30 }, () => external({ workspace_id: actor.workspaceId, topology_id: null })),
  );
  const second = followContext(domain.stores);
  for (const [n, batch] of batches.entries()) {
    await domain.stores.documents.bulk('topology_context', batch);
    if (n === 4) await second[Symbol.asyncDispose]();
  }
  await domain.follower.caughtUp();
  const ids = batches.flat().map(({ _id }) => _id);
  expect((await indexedIds(actor)).toSorted()).toEqual(ids.toSorted());
  const query = sql`select document_id as id, count(*) over (partition by position)::int as sharing from document_feed
    where workspace_id = ${actor.workspaceId}`;
  const told = await rows(domain.stores.db, query, z.object({ id: z.string(), sharing: z.number() }));
  expect(told.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  expect(told.filter(({ sharing }) => sharing > 1)).toEqual([]);
});

test('an older revision never replaces a newer one in the index', async () => {
  const [older, newer] = [aWord(), aWord()];
  const document = external({ data: older, timestamp: new Date().toISOString() });
  const { rev } = await putExternal(document);
  await putExternal({ ...document, _rev: rev, data: newer });
  await domain.follower.caughtUp();
  const { indexRowOf } = await import('../../server/features/context/index-context.ts');
  const { upsertIndex } = await import('../../server/features/context/index-store.ts');
  const current = await getContext(domain.stores, domain.actor, { id: document._id });
  const row = indexRowOf(domain.actor.workspaceId, {
    documentId: current.id,
    document: { ...current, rev, data: older },
  });
  await domain.stores.db.transaction((tx) => upsertIndex(tx, [row]));
  expect((await search(newer)).items).toHaveLength(1);
  expect((await search(older)).items).toEqual([]);
});

test('a document of more words than the index takes neither fails nor stops the follower', async () => {
  const [word, after] = [aWord(), aWord()];
  const words = Array.from({ length: 80_000 }, (_, n) => (n * 7919).toString(36)).join(' ');
  await add({ type: 'note', data: `${word} ${words}` });
  await putExternal(
    external({ data: `${word} ${Array.from({ length: 40_000 }, (_, n) => `a${n}-b${n}/c.de`).join(' ')}` }),
  );
  await putExternal(external({ data: `nul \0 ${after}` }));
  await domain.follower.caughtUp();
  expect((await search(word)).items.length).toBe(2);
  expect((await search(after)).items).toHaveLength(1);
});

test('a note is written though the index fails, and the follower brings it in', async () => {
  const word = aWord();
  const broken = { ...domain.stores, db: Object.create(domain.stores.db) };
  broken.db.transaction = () => Promise.reject(new Error('PostgreSQL is away.'));
  const { id } = await add({ type: 'note', data: word }, domain.actor, broken);
  await domain.follower.caughtUp();
  expect((await search(word)).items.map(({ document }) => document.id)).toEqual([id]);
});

test('a note whose topology is deleted while it is written is not found, and goes', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const id = `late_${randomUUID()}`;
  const { bulk } = domain.stores.documents;
  const slow = withDocuments(domain.stores, {
    bulk: async (database, documents) => {
      await domain.stores.db.execute(sql`delete from topologies where id = ${topologyId}`);
      return bulk(database, documents);
    },
  });
  await refused(add({ id, type: 'note', data: 'x', topologyId }, domain.actor, slow), 'not_found');
  await drained(domain.actor);
  expect(await domain.stores.documents.find('topology_context', id)).toBeUndefined();
});

const drained = async (actor: Actor) => {
  const query = sql`select count(*)::float8 as count from outbox where workspace_id = ${actor.workspaceId}`;
  for (let round = 0; round < 500; round += 1) {
    await domain.relay.drain();
    const [left] = await rows(domain.stores.db, query, z.object({ count: z.number() }));
    if (left?.count === 0) return;
    await nextPoll(10);
  }
  throw new Error('Effects are left in the outbox.');
};

test('what a topology leaves is forgotten at once and removed by the relay, and that of others stays', async () => {
  const actor = await aMember(domain.stores);
  const [gone, kept] = [await aTopology(domain.stores, actor), await aTopology(domain.stores, actor)];
  const word = aWord();
  const documents = Array.from({ length: 450 }, () => ({ type: 'note', data: word, topologyId: gone }));
  await addManyContext(domain.stores, actor, AddManyContextInput.parse({ documents }));
  const stays = await add({ type: 'note', data: word, topologyId: kept }, actor);
  const bare = await add({ type: 'note', data: word }, actor);
  const pair = (ids: string[]) => ids.sort();
  await expect(
    domain.stores.db.transaction(async (tx) => {
      await forgetContextOf(tx, actor, gone);
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  await drained(actor);
  expect((await list({ topologyId: gone, limit: 1 }, actor)).items).toHaveLength(1);
  await domain.stores.db.transaction((tx) => forgetContextOf(tx, actor, gone));
  await drained(actor);
  await domain.follower.caughtUp();
  expect((await list({ topologyId: gone }, actor)).items).toEqual([]);
  expect(pair((await list({}, actor)).items.map(({ id }) => id))).toEqual(pair([stays.id, bare.id]));
  expect(pair((await search(word, {}, actor)).items.map((hit) => hit.document.id))).toEqual(pair([stays.id, bare.id]));
});

test('a search is narrowed by tags, author, priority and time', async () => {
  const word = aWord();
  const note = (metadata: Record<string, unknown>, timestamp: string) =>
    putExternal(external({ data: word, topology_id: null, metadata, timestamp }));
  await note({ tags: ['a', 'b'], author: 'ada', priority: 'high' }, '2024-01-01T00:00:00Z');
  await note({ tags: ['b'], author: 'ada', priority: 2 }, '2024-02-01T00:00:00Z');
  await note({ tags: 'b', author: { $gt: null }, priority: null }, '2024-03-01T00:00:00Z');
  await domain.follower.caughtUp();
  const months = async (given: Partial<z.input<typeof SearchContextInput>>) =>
    (await search(word, given)).items.map(({ document }) => document.timestamp.getUTCMonth() + 1).sort();
  expect(await months({})).toEqual([1, 2, 3]);
  expect(await months({ tags: ['b'] })).toEqual([1, 2, 3]);
  expect(await months({ tags: ['a', 'b'] })).toEqual([1]);
  expect(await months({ author: 'ada' })).toEqual([1, 2]);
  expect(await months({ priority: 'high' })).toEqual([1]);
  expect(await months({ priority: '2' })).toEqual([2]);
  expect(await months({ from: new Date('2024-02-01T00:00:00Z') })).toEqual([2, 3]);
  expect(await months({ from: new Date('2024-01-01T00:00:00Z'), to: new Date('2024-02-01T00:00:00Z') })).toEqual([1]);
  expect(await months({ author: 'ada', tags: ['b'], priority: 'low' })).toEqual([]);
});

test('the index is built anew from what CouchDB has: what is missing comes, what is too much goes', async () => {
  const [word, gone] = [aWord(), aWord()];
  const kept = await add({ type: 'note', data: word });
  const missing = await add({ type: 'note', data: word });
  const extra = await add({ type: 'note', data: gone });
  await domain.follower.caughtUp();
  const { db } = domain.stores;
  await db.execute(sql`delete from context_index where document_id = ${missing.id}`);
  // A row whose document no follower saw go, and one of a revision that another CouchDB had.
  await db.execute(sql`update context_index set document_id = ${`${extra.id}x`} where document_id = ${extra.id}`);
  await db.execute(sql`update context_index set revision = '99-a', body = ${gone} where document_id = ${kept.id}`);
  await domain.stores.documents.remove('topology_context', extra.id);
  expect(await reindex(domain.stores)).toBeGreaterThanOrEqual(2);
  expect((await search(word)).items.map(({ document }) => document.id).sort()).toEqual([kept.id, missing.id].sort());
  expect((await search(gone)).items).toEqual([]);
  expect(await indexedIds(domain.actor)).not.toContain(`${extra.id}x`);
});

test('without CouchDB the answer is "unavailable"', async () => {
  const away = { ...domain.stores, documents: openDocuments({ url: 'http://127.0.0.1:1', user: 'a', password: 'b' }) };
  await refused(recentContext(away, domain.actor, 1, 10), 'unavailable');
  await refused(add({ type: 'note', data: 'x' }, domain.actor, away), 'unavailable');
  await refused(addMany([{ type: 'note', data: 'x' }], away), 'unavailable');
});
