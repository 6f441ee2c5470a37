import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type DocumentsAddress, openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import type { Place } from '../../server/stores/installation.ts';
import { proxyOf } from '../support/document-proxy.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const opened = new AsyncDisposableStack();
let address: DocumentsAddress;
// Each test has a CouchDB of its own: one that others have used has given its plain names away.
beforeEach(async () => {
  const directory = opened.use(await temporaryDirectory());
  const [user, password] = ['u', randomUUID()];
  const server = opened.use(await startEmbeddedDocuments({ directory: directory.path, user, password }));
  server.know(databases);
  address = { url: server.endpoint, user, password };
});
afterAll(() => opened.disposeAsync());

/** The place that a database would remember. */
function anInstallation(prefix?: string) {
  const id = randomUUID();
  const warnings: string[] = [];
  const place: Place = {
    id,
    prefix,
    async settle(chosen) {
      place.prefix ??= chosen;
      return place.prefix;
    },
    warnOfOthers: (ids) => warnings.push(...ids),
  };
  return { id, place, warnings };
}

const databases = { notes: { lists_v1: { all: 'function (doc) { emit(doc._id, null); }' } }, parts: {} };
async function started({ place }: ReturnType<typeof anInstallation>, at = address) {
  const documents = openDocuments(at, place);
  await documents.prepare(databases);
  return documents;
}

test('the first installation has the plain names, the next names of its own, and neither sees the other', async () => {
  const [first, second] = [anInstallation(), anInstallation()];
  const [one, two] = [await started(first), await started(second)];
  expect([first.place.prefix, second.place.prefix]).toEqual(['', `nexus-${second.id}-`]);
  await one.put('notes', { _id: 'a', of: 'first' });
  await two.put('notes', { _id: 'a', of: 'second' });
  for (const [documents, of] of [
    [one, 'first'],
    [two, 'second'],
  ] as const) {
    expect(await documents.find('notes', 'a')).toMatchObject({ of });
    expect(await documents.findMany('notes', ['a'])).toMatchObject([{ of }]);
    const range = { startKey: '', endKey: '{}', limit: 10 };
    expect((await documents.view('notes', 'lists_v1', 'all', range)).map(({ doc }) => doc)).toMatchObject([{ of }]);
    const since = { limit: 10, waitMs: 0, withDocuments: true };
    const { changes } = await documents.changes('notes', '0', since);
    expect(changes.filter(({ id }) => id === 'a').map(({ doc }) => doc)).toMatchObject([{ of }]);
  }
  await one.remove('notes', 'a');
  expect(await two.find('notes', 'a')).toMatchObject({ of: 'second' });
  expect([...first.warnings, ...second.warnings]).toEqual([]);
});

test('started again, each has the documents that it had', async () => {
  const [first, second] = [anInstallation(), anInstallation()];
  for (const one of [first, second]) await (await started(one)).put('notes', { _id: one.id });
  for (const one of [second, first]) expect(await (await started(one)).find('notes', one.id)).toMatchObject({});
});

test('of installations that come at the same moment one has the plain names', async () => {
  const many = Array.from({ length: 5 }, () => anInstallation());
  await Promise.all(many.map((one) => started(one)));
  const prefixes = many.map(({ place }) => place.prefix);
  expect(new Set(prefixes).size).toBe(many.length);
  expect(prefixes).toContain('');
});

test('who finds documents there takes names of its own, and who has the plain ones already keeps them', async () => {
  await (await started({ ...anInstallation(), place: anInstallation('').place })).put('notes', { _id: 'older' });
  const claimed = openDocuments(address);
  await claimed.remove('topology_installation', 'plain_names');
  const [fresh, upgraded] = [anInstallation(), anInstallation('')];
  await started(fresh);
  expect(await (await started(upgraded)).find('notes', 'older')).toMatchObject({});
  expect([fresh.place.prefix, upgraded.place.prefix]).toEqual([`nexus-${fresh.id}-`, '']);
  expect(upgraded.warnings).toEqual([]);
});

test('of two that had the same databases before there were claims the later one is told', async () => {
  const [one, two] = [anInstallation(''), anInstallation('')];
  await started(one);
  await started(two);
  expect([one.warnings, two.warnings]).toEqual([[], [one.id]]);
});

test('an installation that died between its claim and its note of it, or whose claim was answered to nobody, has the plain names', async () => {
  const one = anInstallation();
  await using proxy = await proxyOf(address);
  let isLost = false;
  proxy.failWhen(({ method, path }) => {
    if (isLost || method !== 'PUT' || !path.endsWith('/plain_names')) return undefined;
    isLost = true;
    return 'answer';
  });
  await started(one, proxy.address);
  expect([isLost, one.place.prefix]).toEqual([true, '']);
  one.place.prefix = undefined;
  await started(one);
  expect(one.place.prefix).toBe('');
});

test('one that has never reached CouchDB says so, for it does not know its databases', async () => {
  const documents = openDocuments(address, anInstallation().place);
  await expect(documents.find('notes', 'a')).rejects.toMatchObject({
    reason: 'unavailable',
    details: { store: 'documents' },
  });
});
