import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { openCheckedDatabase } from './checked-database.ts';
import { CouchRefusal } from './couch-refusal.ts';
import { damaged, fromCopy } from './damage.ts';

const databaseFile = 'documents.db';

const Database = z.object({ id: z.number(), name: z.string(), last_seq: z.number() });
export type Database = z.infer<typeof Database>;
const Row = z
  .object({ id: z.string(), rev: z.string(), is_deleted: z.number(), body: z.string(), seq: z.number() })
  .transform(({ is_deleted, ...row }) => ({ ...row, isDeleted: is_deleted === 1 }));
/** `body` is JSON without what CouchDB keeps of a document itself. */
export type DocumentRow = z.infer<typeof Row>;
const Summed = z.object({ id: z.string(), rev: z.string(), is_deleted: z.number(), body: z.string(), sum: z.number() });

const schema = `
  create table if not exists databases (id integer primary key, name text not null unique, last_seq integer not null);
  create table if not exists documents (
    database integer not null, id text not null, rev text not null, is_deleted integer not null, body text not null,
    seq integer not null, sum integer not null, primary key (database, id)
  ) without rowid;
  create unique index if not exists documents_by_seq on documents (database, seq);
  create table if not exists designs (
    database integer not null, name text not null, body text not null, primary key (database, name)
  ) without rowid;
  create table if not exists views (
    id integer primary key, database integer not null, design text not null, name text not null, map text not null,
    seq integer not null, unique (database, design, name)
  );
  create table if not exists view_rows (
    view integer not null, sorts blob not null, document text not null, place integer not null, key text not null,
    value text not null, sum integer not null, primary key (view, sorts, document, place)
  ) without rowid;
  create index if not exists view_rows_by_document on view_rows (document, view);`;

const NewDocument = z.looseObject({
  _id: z.string().optional(),
  _rev: z.string().optional(),
  _deleted: z.boolean().optional(),
});
const Revision = z.string().regex(/^[1-9][0-9]{0,8}-[0-9a-f]{1,64}$/);
/** Bytes come behind every text, and this one behind every key of a view. */
export const lastKey = Buffer.of(255);
const maxDocumentBytes = 8_000_000;

export type Written = { id: string; rev: string; ok: true };

/** Runs in the transaction of every document write. */
export type OnWrite = (database: Database, row: DocumentRow, sequenceBefore: number) => void;

/**
 * Documents as CouchDB keeps them, in SQLite: of each its newest version, with revisions, and a sequence a database. Of two
 * versions that meet (`bringBack`) the one of the higher revision stays. What it answered is kept when the process ends.
 */
export function openDocumentFiles(directory: string) {
  const file = join(directory, databaseFile);
  const opened = openCheckedDatabase(file, schema, (db) => checkSums(db, file));
  const { prepare, atomically } = opened;
  let onWrite: OnWrite = () => undefined;
  // One listener for each call that waits, of which a server has few.
  const written = new EventEmitter().setMaxListeners(0);

  const findDatabase = (name: string): Database | undefined => {
    const row = prepare('select * from databases where name = ?').get(name);
    return row && Database.parse(row);
  };
  const database = (name: string): Database => {
    const found = findDatabase(name);
    if (found) return found;
    throw new CouchRefusal(404, 'not_found', 'Database does not exist.');
  };
  const stored = (of: Database, id: string): DocumentRow | undefined => {
    const row = prepare('select * from documents where database = ? and id = ?').get(of.id, id);
    return row && Row.parse(row);
  };
  const keep = (of: Database, row: Omit<DocumentRow, 'seq'>, seq: number) => {
    const isDeleted = row.isDeleted ? 1 : 0;
    const before = database(of.name).last_seq;
    prepare('insert or replace into documents values (?, ?, ?, ?, ?, ?, ?)').run(
      of.id,
      row.id,
      row.rev,
      isDeleted,
      row.body,
      seq,
      sumOf(row.id, row.rev, isDeleted, row.body),
    );
    prepare('update databases set last_seq = max(last_seq, ?) where id = ?').run(seq, of.id);
    onWrite(of, { ...row, seq }, before);
    // Runs after the transaction, so that a woken reader finds the write.
    queueMicrotask(() => written.emit(of.name));
  };
  const next = (of: Database) => database(of.name).last_seq + 1;

  /** Inside a transaction. */
  const write = (of: Database, given: unknown): Written => {
    const { id, rev, isDeleted, body } = readDocument(given);
    const old = stored(of, id);
    const isThere = old !== undefined && !old.isDeleted;
    if (isThere ? rev !== old.rev : rev !== undefined && rev !== old?.rev) {
      throw new CouchRefusal(409, 'conflict', 'Document update conflict.');
    }
    if (isDeleted && !isThere) throw new CouchRefusal(404, 'not_found', 'deleted');
    const generation = old ? Number.parseInt(old.rev, 10) + 1 : 1;
    const hash = createHash('md5').update(JSON.stringify([old?.rev ?? null, isDeleted, body]));
    const made = `${generation}-${hash.digest('hex')}`;
    keep(of, { id, rev: made, isDeleted, body }, next(of));
    return { id, rev: made, ok: true };
  };
  /** The same, with the revision that it has already. */
  const bringBack = (of: Database, given: unknown): void => {
    const { id, rev, isDeleted, body } = readDocument(given);
    if (rev === undefined) throw new CouchRefusal(400, 'bad_request', 'A document has no _rev.');
    const old = stored(of, id);
    if (old && !isNewer({ rev, isDeleted }, old)) return;
    keep(of, { id, rev, isDeleted, body }, next(of));
  };

  return {
    prepare,
    atomically,
    tellOfWrites(listener: OnWrite) {
      onWrite = listener;
    },
    databases: () =>
      prepare('select * from databases order by name')
        .all()
        .map((row) => Database.parse(row).name),
    database,
    /** False where it is there already. */
    addDatabase(name: string): boolean {
      if (findDatabase(name)) return false;
      atomically(() => prepare('insert into databases (name, last_seq) values (?, 0)').run(name));
      return true;
    },
    removeDatabase(name: string): void {
      const { id } = database(name);
      atomically(() => {
        prepare('delete from view_rows where view in (select id from views where database = ?)').run(id);
        for (const table of ['views', 'designs', 'documents']) {
          prepare(`delete from ${table} where database = ?`).run(id);
        }
        prepare('delete from databases where id = ?').run(id);
      });
    },
    find: (of: Database, id: string) => stored(of, id),
    put: (of: Database, document: unknown): Written => atomically(() => write(of, document)),
    /** One answer a document, in order: those that are refused keep nobody up. */
    bulk: (of: Database, documents: readonly unknown[]): (Written | ({ id: string } & Refused))[] =>
      atomically(() => documents.map((document) => answered(document, () => write(of, document)))),
    bringBack: (of: Database, documents: readonly unknown[]): void =>
      atomically(() => {
        for (const document of documents) bringBack(of, document);
      }),
    /** Keeps documents of another server with their places in its sequence; inside a transaction. */
    carryOver(of: Database, rows: readonly DocumentRow[], lastSequence: number): void {
      for (const { seq, ...row } of rows) keep(of, row, seq);
      prepare('update databases set last_seq = max(last_seq, ?) where id = ?').run(lastSequence, of.id);
    },
    /** Existing documents in the order of their ids' UTF-8 bytes, from `start` to `end`, both included. */
    range(of: Database, start: string | undefined, end: string | undefined, isDescending: boolean, limit: number) {
      const [low, high] = isDescending ? [end, start] : [start, end];
      return prepare(
        `select * from documents where database = ? and is_deleted = 0 and id >= ? and id <= ?
           order by id ${isDescending ? 'desc' : 'asc'} limit ?`,
      )
        .all(of.id, low ?? '', high ?? lastKey, limit)
        .map((row) => Row.parse(row));
    },
    changes: (of: Database, since: number, limit: number): DocumentRow[] =>
      prepare('select * from documents where database = ? and seq > ? order by seq limit ?')
        .all(of.id, since, limit)
        .map((row) => Row.parse(row)),
    /** Resolves when something was written to a database, or the time is over. */
    async whenWritten({ name }: Database, ms: number): Promise<void> {
      await once(written, name, { signal: AbortSignal.timeout(ms) }).catch(() => undefined);
    },
    count: (of: Database): number =>
      z
        .object({ count: z.number() })
        .parse(prepare('select count(*) as count from documents where database = ? and is_deleted = 0').get(of.id))
        .count,
    close: opened.close,
  };
}
export type DocumentFiles = ReturnType<typeof openDocumentFiles>;

type Refused = { error: string; reason: string };

function answered(document: unknown, work: () => Written): Written | ({ id: string } & Refused) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CouchRefusal) || error.status === 400 || error.status === 413) throw error;
    return { id: NewDocument.parse(document)._id ?? '', error: error.code, reason: error.message };
  }
}

/** CouchDB's order: an existing document wins over a deleted one, then the higher revision wins. */
function isNewer(one: Pick<DocumentRow, 'rev' | 'isDeleted'>, other: Pick<DocumentRow, 'rev' | 'isDeleted'>): boolean {
  if (one.isDeleted !== other.isDeleted) return other.isDeleted;
  const [first, second] = [Number.parseInt(one.rev, 10), Number.parseInt(other.rev, 10)];
  return first === second ? one.rev > other.rev : first > second;
}

function readDocument(given: unknown): Omit<DocumentRow, 'seq' | 'rev'> & { rev: string | undefined } {
  const parsed = NewDocument.safeParse(given);
  if (!parsed.success) throw new CouchRefusal(400, 'bad_request', 'A document must be a JSON object.');
  const { _id: id = randomUUID().replaceAll('-', ''), _rev: rev, _deleted: isDeleted = false, ...own } = parsed.data;
  // CouchDB reserves ids that begin with "_": a design document runs, a local one is in no list.
  if (id === '' || id.startsWith('_') || !id.isWellFormed()) {
    throw new CouchRefusal(400, 'illegal_docid', 'An id must be well-formed text that does not begin with "_".');
  }
  const foreign = Object.keys(own).find((name) => name.startsWith('_') && name !== '_revisions');
  if (foreign !== undefined) throw new CouchRefusal(400, 'doc_validation', `Bad special document member: ${foreign}`);
  if (rev !== undefined && !Revision.safeParse(rev).success) {
    throw new CouchRefusal(400, 'bad_request', 'Invalid rev format.');
  }
  const { _revisions: _history, ...content } = own;
  const body = JSON.stringify(content);
  if (Buffer.byteLength(body) > maxDocumentBytes) {
    throw new CouchRefusal(413, 'document_too_large', 'The document is larger than 8 MB.');
  }
  return { id, rev, isDeleted, body };
}

export function sumOf(...values: readonly (string | number)[]): number {
  return crc32(values.join('\0'));
}

/** SQLite sees to the structure of its file, not to the bytes in it. */
function checkSums(db: DatabaseSync, file: string): void {
  const wrong = (what: string) =>
    damaged(file, `is damaged: ${what} is not what was written`, fromCopy(join(file, '..')));
  for (const found of db.prepare('select id, rev, is_deleted, body, sum from documents').iterate()) {
    const { id, rev, is_deleted, body, sum } = Summed.parse(found);
    if (sumOf(id, rev, is_deleted, body) !== sum) throw wrong(`a document, perhaps ${JSON.stringify(id)},`);
  }
  const rows = 'select view, hex(sorts) as sorts, document, key, value, sum from view_rows';
  for (const found of db.prepare(rows).iterate()) {
    const row = ViewSum.parse(found);
    if (viewSum(row) !== row.sum) throw wrong('a row of a list');
  }
}

const ViewSum = z.object({
  view: z.number(),
  sorts: z.string(),
  document: z.string(),
  key: z.string(),
  value: z.string(),
  sum: z.number(),
});

/** `sorts` in hexadecimal. */
export const viewSum = (row: Omit<z.infer<typeof ViewSum>, 'sum'>): number =>
  sumOf(row.view, row.sorts.toUpperCase(), row.document, row.key, row.value);
