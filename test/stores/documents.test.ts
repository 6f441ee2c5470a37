import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { type DocumentsAddress, openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { firstOf, proxyOf } from '../support/document-proxy.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const opened = new AsyncDisposableStack();
const database = 'topology_test_notes';
let address: DocumentsAddress;
beforeAll(async () => {
  const named = readConfig(process.env).documents;
  if (named) address = named;
  else {
    const directory = opened.use(await temporaryDirectory());
    const [user, password] = ['u', randomUUID()];
    const server = opened.use(await startEmbeddedDocuments({ directory: directory.path, user, password }));
    address = { url: server.endpoint, user, password };
  }
  await openDocuments(address).prepare({ [database]: {} });
});
afterAll(() => opened.disposeAsync());

const aNote = (text = 'x') => ({ _id: `note_${randomUUID()}`, text });

test('every request carries Basic auth, and connections are kept', async () => {
  await using proxy = await proxyOf(address);
  const documents = openDocuments(proxy.address);
  for (let n = 0; n < 30; n += 1) await documents.put(database, aNote());
  const expected = `Basic ${Buffer.from(`${address.user}:${address.password}`).toString('base64')}`;
  expect(new Set(proxy.asked.map(({ authorization }) => authorization))).toEqual(new Set([expected]));
  expect(new Set(proxy.asked.map(({ port }) => port)).size).toBeLessThan(5);
});

test.each(['request', 'answer', 503] as const)(
  'what is written once though it fails by "%s" is there once',
  async (failure) => {
    await using proxy = await proxyOf(address);
    const documents = openDocuments(proxy.address);
    const note = aNote();
    proxy.failWhen(firstOf(2, failure, ({ method }) => method === 'PUT'));
    const first = await documents.put(database, note);
    expect(first.rev).toMatch(/^1-/);
    proxy.failWhen(firstOf(1, failure, ({ method }) => method === 'PUT'));
    const second = await documents.put(database, { ...note, text: 'y', _rev: first.rev });
    expect(second.rev).toMatch(/^2-/);
    expect(await documents.find(database, note._id)).toEqual({ ...note, text: 'y', _rev: second.rev });
  },
);

test('a bulk whose answer is lost tells what it wrote from what others wrote', async () => {
  await using proxy = await proxyOf(address);
  const documents = openDocuments(proxy.address);
  const [taken, mine] = [aNote(), aNote()];
  await documents.put(database, taken);
  proxy.failWhen(firstOf(1, 'answer', ({ path }) => path.endsWith('_bulk_docs')));
  const results = await documents.bulk(database, [mine, { ...taken, text: 'other' }]);
  expect(results).toEqual([
    { id: mine._id, rev: expect.stringMatching(/^1-/) },
    expect.objectContaining({ id: taken._id, error: 'conflict' }),
  ]);
});

test('a removal whose answer is lost has removed', async () => {
  await using proxy = await proxyOf(address);
  const documents = openDocuments(proxy.address);
  const note = aNote();
  await documents.put(database, note);
  proxy.failWhen(firstOf(1, 'answer', ({ method }) => method === 'DELETE'));
  await documents.remove(database, note._id);
  expect(await documents.find(database, note._id)).toBeUndefined();
});

test('what keeps failing is asked three times and no more', async () => {
  await using proxy = await proxyOf(address);
  const documents = openDocuments(proxy.address);
  proxy.failWhen(() => 'request');
  await expect(documents.find(database, 'x')).rejects.toMatchObject({ reason: 'unavailable' });
  expect(proxy.asked).toHaveLength(3);
});

test.each([400, 401, 403, 404, 409, 413])('a refusal by %i is not asked again', async (status) => {
  await using proxy = await proxyOf(address);
  const documents = openDocuments(proxy.address);
  proxy.failWhen(() => status);
  await expect(documents.bulk(database, [aNote()])).rejects.toMatchObject({ details: { status } });
  expect(proxy.asked).toHaveLength(1);
});

test('an embedded server that stopped has left its directory to the next process, its views too', async () => {
  await using directory = await temporaryDirectory();
  const options = { directory: directory.path, user: 'u', password: 'p' };
  const server = await startEmbeddedDocuments(options);
  const documents = openDocuments({ url: server.endpoint, user: 'u', password: 'p' });
  const designs = { notes: { lists_v1: { all: 'function (doc) { emit(doc._id, null); }' } } };
  server.know(designs);
  await documents.prepare(designs);
  await documents.put('notes', aNote('kept'));
  const range = { startKey: '', endKey: '~', limit: 10 };
  expect(await documents.view('notes', 'lists_v1', 'all', range)).toHaveLength(1);
  await server[Symbol.asyncDispose]();
  const stores = (name: string) => fileURLToPath(new URL(`../../server/stores/${name}`, import.meta.url));
  const program = `
    import { openDocuments } from ${JSON.stringify(stores('documents.ts'))};
    import { startEmbeddedDocuments } from ${JSON.stringify(stores('embedded/documents.ts'))};
    await using server = await startEmbeddedDocuments(${JSON.stringify(options)});
    server.know(${JSON.stringify(designs)});
    const documents = openDocuments({ url: server.endpoint, user: 'u', password: 'p' });
    const rows = await documents.view('notes', 'lists_v1', 'all', ${JSON.stringify(range)});
    console.log(rows.map(({ doc }) => doc.text).join());`;
  const arguments_ = ['--no-warnings', '--input-type=module', '--eval', program];
  expect((await promisify(execFile)(process.execPath, arguments_)).stdout.trim()).toBe('kept');
});
