import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportBundle } from '../../server/bundle/export.ts';
import { restoreBundle } from '../../server/bundle/restore.ts';
import { readConfig } from '../../server/config.ts';
import { documentDatabases } from '../../server/features/context/index.ts';
import { openDocuments } from '../../server/stores/documents.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { startNexus } from '../support/nexus.ts';
import { embedded } from '../support/small-disk.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const quiet = () => undefined;

/** Writes a line into a file of a bundle, and makes its list, its manifest and its checksums fit. */
async function smuggle(bundle: string, path: string, line: string, counted?: string): Promise<() => Promise<void>> {
  const files = ['files.jsonl', 'manifest.json', path];
  const before = await Promise.all(files.map((name) => readFile(join(bundle, name))));
  const own = `${before[2]}${line}\n`;
  await writeFile(join(bundle, path), own);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const entry = JSON.stringify({ path, sizeBytes: Buffer.byteLength(own), sha256: sha256(own) });
  const list = String(before[0])
    .split('\n')
    .map((one) => (one.includes(`"${path}"`) ? entry : one))
    .join('\n');
  await writeFile(join(bundle, 'files.jsonl'), list);
  const manifest = JSON.parse(String(before[1]));
  manifest.filesSha256 = sha256(list);
  if (counted) manifest.databases[counted] += 1;
  await writeFile(join(bundle, 'manifest.json'), JSON.stringify(manifest));
  return async () => {
    for (const [place, bytes] of before.entries()) await writeFile(join(bundle, files[place] ?? ''), bytes);
  };
}

test('a bundle that holds what no export writes is refused before anything is written', async () => {
  await using temporary = await temporaryDirectory();
  const settings = (name: string) => ({ ...process.env, ...embedded, NEXUS_DATA_DIR: join(temporary.path, name) });
  const bundle = join(temporary.path, 'bundle');
  {
    await using nexus = await startNexus(settings('from'));
    const client = nexus.as(nexus.token);
    const { id } = await client.topologies.create.mutate({ name: 'a', architecture: 'gnn' });
    await client.context.add.mutate({ topologyId: id, type: 'note', data: 'text' });
  }
  await exportBundle(readConfig(settings('from')), bundle, quiet);
  const ran = join(temporary.path, 'ran');
  const map = `function () { require('fs').writeFileSync(${JSON.stringify(ran)}, 'x'); }`;
  const rev = `1-${'a'.repeat(32)}`;
  const documents = Object.keys(documentDatabases).map(
    (database) => [`documents/${database}.jsonl`, database] as const,
  );
  const lines: (readonly [path: string, line: string, counted?: string])[] = [
    ...documents.map(
      ([path, database]) =>
        [path, JSON.stringify({ _id: '_design/lists_v2', _rev: rev, views: { list: { map } } }), database] as const,
    ),
    ['documents/topology_context.jsonl', JSON.stringify({ _id: '_local/x', _rev: rev }), 'topology_context'],
    ['documents/topology_context.jsonl', JSON.stringify({ _id: 'x' }), 'topology_context'],
    ['documents/topology_context.jsonl', JSON.stringify({ _id: 'x', _rev: rev, _deleted: true }), 'topology_context'],
    [
      'documents/topology_context.jsonl',
      JSON.stringify({ _id: 'x', _rev: rev, _attachments: { a: { data: 'eA==', content_type: 'text/html' } } }),
      'topology_context',
    ],
    ['documents/topology_context.jsonl', 'no JSON', 'topology_context'],
    ['documents/topology_context.jsonl', JSON.stringify({ _id: 'x', _rev: rev })],
    ['objects.jsonl', JSON.stringify({ bucket: 'elsewhere', key: 'x', path: 'objects/x' })],
  ];
  for (const [path, line, counted] of lines) {
    const restored = await smuggle(bundle, path, line, counted);
    await expect(restoreBundle(readConfig(settings('to')), bundle, quiet), line).rejects.toThrow(
      'The bundle is damaged',
    );
    expect(await readdir(temporary.path), line).not.toContain('to');
    await restored();
  }
  expect(await restoreBundle(readConfig(settings('to')), bundle, quiet)).toBe(true);
  expect(existsSync(ran)).toBe(false);
});

test('the embedded CouchDB takes no design document but those of its program, and runs no other text', async () => {
  await using temporary = await temporaryDirectory();
  const [user, password] = ['u', randomUUID()];
  await using server = await startEmbeddedDocuments({ directory: temporary.path, user, password });
  server.know(documentDatabases);
  const documents = openDocuments({ url: server.endpoint, user, password });
  await documents.prepare(documentDatabases);
  await documents.put('topology_context', {
    _id: 'a',
    workspace_id: 1,
    type: 'note',
    timestamp: '2026-01-01T00:00:00Z',
  });
  const ran = join(temporary.path, 'ran');
  const evil = `function () { globalThis.process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(ran)}, 'x'); }`;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const ask = (method: string, path: string, body?: unknown) =>
    fetch(`${server.endpoint}/topology_context${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const ours = Object.values(documentDatabases.topology_context?.lists_v1 ?? {})[0] ?? '';
  const designs = [
    { views: { list: { map: evil } } },
    { views: { list: { map: `${ours} ` } } },
    { views: { list: { map: ours, reduce: evil } } },
    { views: {}, validate_doc_update: evil },
    { views: {}, filters: { all: evil } },
    { views: {}, updates: { all: evil } },
    { views: {}, shows: { all: evil }, lists: { all: evil } },
    { views: {}, rewrites: evil },
    { language: 'erlang', views: {} },
  ];
  for (const design of designs) {
    expect((await ask('PUT', '/_design/more', design)).status, JSON.stringify(design)).toBe(403);
    const sent = { _id: '_design/more', ...design };
    expect((await ask('POST', '', sent)).status).toBe(400);
    expect((await ask('POST', '/_bulk_docs', { docs: [sent] })).status).toBe(400);
    const known = { docs: [{ ...sent, _rev: '1-aa' }], new_edits: false };
    expect((await ask('POST', '/_bulk_docs', known)).status).toBe(400);
  }
  expect((await ask('PUT', '/_design/lists_v1', { views: { list: { map: evil } } })).status).toBe(403);
  const calls: [string, string, unknown?][] = [
    ['POST', '/_temp_view', { map: evil }],
    ['POST', '/_find', { selector: { $where: evil } }],
    ['GET', '/_design/more/_view/list'],
    ['GET', '/_design/lists_v1/_show/all'],
    ['GET', '/_design/lists_v1/_list/all/list'],
    ['POST', '/_design/lists_v1/_update/all'],
    ['GET', '/_design/lists_v1/_rewrite/x'],
    ['POST', '/_local/x', { a: 1 }],
    ['PUT', '/_security', { admins: {} }],
    ['POST', '/../_replicate', { source: 'http://127.0.0.1:1/x', target: 'topology_context' }],
    ['GET', '/../_config'],
  ];
  for (const [method, path, body] of calls) {
    expect([404, 405], `${method} ${path}`).toContain((await ask(method, path, body)).status);
  }
  expect((await ask('GET', `/_changes?filter=_view&view=more/list`)).status).toBe(200);
  await documents.put('topology_context', {
    _id: 'b',
    workspace_id: 1,
    type: 'note',
    timestamp: '2026-01-02T00:00:00Z',
  });
  const range = { startKey: [1, 0, ''], endKey: [1, 0, '', {}], limit: 10 };
  expect((await documents.view('topology_context', 'lists_v1', 'list', range)).map(({ id }) => id)).toEqual(['a', 'b']);
  expect(existsSync(ran)).toBe(false);
});

test('whoever has no credential of the embedded CouchDB is answered nothing but 401', async () => {
  await using temporary = await temporaryDirectory();
  await using server = await startEmbeddedDocuments({ directory: temporary.path, user: 'u', password: randomUUID() });
  const wrong = `Basic ${Buffer.from('u:wrong').toString('base64')}`;
  for (const headers of [{}, { authorization: wrong }, { authorization: 'Basic' }, { cookie: 'AuthSession=x' }]) {
    for (const path of ['/', '/_up', '/_all_dbs', '/_utils', '/_config', '/_session', '/topology_context']) {
      for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
        const { status } = await fetch(`${server.endpoint}${path}`, { method, headers });
        expect(status, `${method} ${path}`).toBe(401);
      }
    }
  }
});
