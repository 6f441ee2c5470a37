import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { CouchRefusal } from './couch-refusal.ts';
import type { DocumentFiles, DocumentRow } from './document-files.ts';
import { findDesign, type openViews } from './document-views.ts';

/** `body` is JSON already. */
export type Answer = { status: number; body: string };
export type Documents = { files: DocumentFiles; views: ReturnType<typeof openViews> };
type Asked = { method: string; path: readonly string[]; query: Query; request: IncomingMessage };

const maxBodyBytes = 256 * 1024 * 1024;
/** More than anybody asks for at once; a caller that wants all rows reads pages. */
const maxRows = 1_000_000;
const maxWaitMs = 60_000;
/** How often a call that waits looks whether its caller is still there. */
const lookMs = 1_000;

const Json = z
  .string()
  .transform((text) => {
    try {
      return z.json().parse(JSON.parse(text));
    } catch {
      throw new CouchRefusal(400, 'bad_request', 'A parameter is no JSON.');
    }
  })
  .optional();
const Flag = z.enum(['true', 'false']).default('false');
const Query = z.object({
  startkey: Json,
  endkey: Json,
  descending: Flag,
  include_docs: Flag,
  limit: z.coerce.number().int().min(0).max(maxRows).default(maxRows),
  rev: z.string().optional(),
  since: z.union([z.literal('now'), z.coerce.number().int().min(0)]).default(0),
  feed: z.enum(['normal', 'longpoll']).default('normal'),
  timeout: z.coerce.number().int().min(0).max(maxWaitMs).default(maxWaitMs),
});
type Query = z.infer<typeof Query>;

/** Answers what this product asks of a CouchDB, and nothing else of it. Throws CouchRefusal. */
export async function answerCouch(documents: Documents, request: IncomingMessage): Promise<Answer> {
  const [path = '', search = ''] = (request.url ?? '/').split('?');
  const query = Query.safeParse(Object.fromEntries(new URLSearchParams(search)));
  if (!query.success) throw new CouchRefusal(400, 'query_parse_error', 'A parameter has no such value.');
  const asked = { method: request.method ?? '', path: segmentsOf(path), query: query.data, request };
  return await (asked.path.length === 0
    ? json(200, { couchdb: 'Welcome', vendor: { name: 'Topology Nexus' } })
    : answerDatabase(documents, asked));
}

async function answerDatabase(documents: Documents, asked: Asked): Promise<Answer> {
  const { files } = documents;
  const { method, request, query } = asked;
  const [name = '', first, second, third, fourth] = asked.path;
  if (!/^[a-z][a-z0-9_$()+-]*$/.test(name)) throw notThere();
  if (first === undefined) return aboutDatabase(documents, name, asked);
  const database = files.database(name);
  if (first === '_all_docs') return allDocuments(documents, name, asked);
  if (first === '_changes' && method === 'GET') return changes(documents, name, asked);
  if (first === '_bulk_docs' && method === 'POST') {
    const { docs, new_edits } = Bulk.parse(await bodyOf(request));
    if (new_edits) return json(201, files.bulk(database, docs));
    files.bringBack(database, docs);
    return json(201, []);
  }
  if (first === '_design' && second !== undefined) {
    if (third === '_view' && fourth !== undefined) return viewRows(documents, name, second, fourth, asked);
    if (third === undefined) return aboutDesign(documents, name, second, asked);
  }
  if (second !== undefined || first.startsWith('_')) throw notThere();
  if (method === 'PUT') {
    const body = z.looseObject({}).parse(await bodyOf(request));
    return json(201, files.put(database, { ...(query.rev && { _rev: query.rev }), ...body, _id: first }));
  }
  if (method === 'DELETE') return json(200, files.put(database, { _id: first, _rev: query.rev, _deleted: true }));
  if (method !== 'GET' && method !== 'HEAD') throw notAllowed();
  const found = files.find(database, first);
  if (!found) throw notThere();
  if (found.isDeleted) throw new CouchRefusal(404, 'not_found', 'deleted');
  return { status: 200, body: documentOf(found) };
}

const Bulk = z.object({ docs: z.array(z.unknown()), new_edits: z.boolean().default(true) });
const Keys = z.object({ keys: z.array(z.string()).optional() });

async function aboutDatabase({ files }: Documents, name: string, { method, request }: Asked): Promise<Answer> {
  if (method === 'PUT') {
    if (files.addDatabase(name)) return json(201, { ok: true });
    throw new CouchRefusal(412, 'file_exists', 'The database could not be created, the file already exists.');
  }
  if (method === 'DELETE') {
    files.removeDatabase(name);
    return json(200, { ok: true });
  }
  const database = files.database(name);
  if (method === 'POST') return json(201, files.put(database, await bodyOf(request)));
  if (method !== 'GET' && method !== 'HEAD') throw notAllowed();
  return json(200, { db_name: name, doc_count: files.count(database), update_seq: database.last_seq });
}

async function allDocuments({ files }: Documents, name: string, asked: Asked): Promise<Answer> {
  const { query, method, request } = asked;
  const isWhole = query.include_docs === 'true';
  const database = files.database(name);
  const { keys } = method === 'POST' ? Keys.parse(await bodyOf(request)) : {};
  const rowOf = (row: DocumentRow) => {
    const facts = JSON.stringify({
      id: row.id,
      key: row.id,
      value: { rev: row.rev, ...(row.isDeleted && { deleted: true }) },
    });
    return isWhole ? `${facts.slice(0, -1)},"doc":${row.isDeleted ? 'null' : documentOf(row)}}` : facts;
  };
  if (keys) {
    const rows = keys.map((key) => {
      const found = files.find(database, key);
      return found ? rowOf(found) : JSON.stringify({ key, error: 'not_found' });
    });
    return rowsAnswer(rows);
  }
  const [start, end] = [query.startkey, query.endkey].map((key) => z.string().optional().parse(key));
  return rowsAnswer(files.range(database, start, end, query.descending === 'true', query.limit).map(rowOf));
}

async function viewRows({ views }: Documents, name: string, design: string, view: string, asked: Asked) {
  const { startkey: start, endkey: end, descending, limit, include_docs } = asked.query;
  if (asked.method !== 'GET') throw notAllowed();
  const rows = await views.rows(name, design, view, { start, end, isDescending: descending === 'true', limit });
  return rowsAnswer(
    rows.map((row) => {
      const doc = include_docs === 'true' ? `,"doc":${documentOf(row)}` : '';
      return `{"id":${JSON.stringify(row.id)},"key":${row.key},"value":${row.value}${doc}}`;
    }),
  );
}

async function aboutDesign({ files, views }: Documents, name: string, design: string, { method, request }: Asked) {
  if (method === 'PUT') {
    await views.putDesign(name, design, await bodyOf(request));
    return json(201, { ok: true, id: `_design/${design}`, rev: '1-0' });
  }
  if (method !== 'GET') throw notAllowed();
  const body = findDesign(files, files.database(name), design);
  if (body === undefined) throw notThere();
  return json(200, { _id: `_design/${design}`, _rev: '1-0', ...z.looseObject({}).parse(JSON.parse(body)) });
}

/** A long poll answers as soon as there is a change, or when its time is over. */
async function changes({ files }: Documents, name: string, { query, request }: Asked): Promise<Answer> {
  const since = query.since === 'now' ? files.database(name).last_seq : query.since;
  const until = performance.now() + (query.feed === 'longpoll' ? query.timeout : 0);
  for (;;) {
    const database = files.database(name);
    const rows = database.last_seq > since ? files.changes(database, since, Math.max(query.limit, 1)) : [];
    if (rows.length > 0 || performance.now() >= until || request.socket.destroyed) {
      const results = rows.map((row) => {
        const { seq, id, rev, isDeleted } = row;
        const facts = JSON.stringify({ seq, id, changes: [{ rev }], ...(isDeleted && { deleted: true }) });
        return query.include_docs === 'true' ? `${facts.slice(0, -1)},"doc":${documentOf(row)}}` : facts;
      });
      return { status: 200, body: `{"results":[${results.join(',')}],"last_seq":${rows.at(-1)?.seq ?? since}}` };
    }
    await files.whenWritten(database, Math.max(1, Math.min(until - performance.now(), lookMs)));
  }
}

/** JSON of a document as CouchDB writes it, without reading what is in it. */
function documentOf({ id, rev, isDeleted, body }: { id: string; rev: string; isDeleted?: boolean; body: string }) {
  const own = JSON.stringify({ _id: id, _rev: rev, ...(isDeleted && { _deleted: true }) });
  return body === '{}' ? own : `${own.slice(0, -1)},${body.slice(1)}`;
}

const json = (status: number, value: unknown): Answer => ({ status, body: JSON.stringify(value) });
const rowsAnswer = (rows: readonly string[]): Answer => ({ status: 200, body: `{"rows":[${rows.join(',')}]}` });
const notThere = () => new CouchRefusal(404, 'not_found', 'missing');
const notAllowed = () => new CouchRefusal(405, 'method_not_allowed', 'There is no such call.');

function segmentsOf(path: string): string[] {
  try {
    const segments = path
      .split('/')
      .filter((one) => one !== '')
      .map(decodeURIComponent);
    // Some clients write `_design%2Fname`.
    return segments.flatMap((one) => (one.startsWith('_design/') ? one.split('/') : [one]));
  } catch {
    throw new CouchRefusal(400, 'bad_request', 'The path is not percent-encoded.');
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > maxBodyBytes) throw new CouchRefusal(413, 'too_large', 'The body is larger than 256 MB.');
    pieces.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new CouchRefusal(400, 'bad_request', 'The body is no JSON.');
  }
}
