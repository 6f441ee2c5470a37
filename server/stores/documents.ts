import nano from 'nano';
import pRetry from 'p-retry';
import { Agent, fetch } from 'undici';
import { z } from 'zod';
import { NexusError } from '../errors.ts';
import { namesIn } from './document-names.ts';
import { alone, type Place } from './installation.ts';

export type DocumentsAddress = { url: string; user: string; password: string };

const StoredDocument = z.looseObject({ _id: z.string(), _rev: z.string() });
export type StoredDocument = z.infer<typeof StoredDocument>;
export type NewDocument = { _id: string; _rev?: string; [field: string]: unknown };

/** Any JSON that may stand in a view's key. */
export type KeyPart = string | number | null | { readonly [key: string]: never };

export type KeyRange = {
  startKey: KeyPart | readonly KeyPart[];
  endKey: KeyPart | readonly KeyPart[];
  /** Then `startKey` is the greater one. */
  descending?: boolean;
  limit: number;
};

/** A row of a view. `doc` is undefined where the document went while the view was read. */
export type ViewRow = { id: string; key: unknown; doc: StoredDocument | undefined };

export type BulkResult = { id: string; rev: string } | { id: string; error: string; reason: string };
/** `doc` is there where documents were asked for; a deleted one has its id and revision. */
export type Change = { id: string; rev: string; isDeleted: boolean; doc: StoredDocument | undefined };
export type Changes = { changes: Change[]; lastSequence: string };

/** Design documents by database and by name, each with the map function of each view. */
export type DatabaseDesigns = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

/**
 * CouchDB. Databases have the installation's own names, whatever shares the server. Every call may throw NexusError
 * `unavailable` with `details.store = 'documents'`.
 */
export type DocumentStore = {
  ping(): Promise<void>;
  /**
   * Settles which databases are the installation's, and makes those and the design documents that are missing. A design
   * document that is there is left as it is: to change one would rebuild its index under the users, so a change takes a
   * new name.
   */
  prepare(databases: DatabaseDesigns): Promise<void>;
  /**
   * Writes one document and answers its revision. A 409 for a document that is there already with the same content is a
   * success, so that a call may be repeated after a time-out. Throws `conflict` otherwise.
   */
  put(database: string, document: NewDocument): Promise<{ id: string; rev: string }>;
  find(database: string, id: string): Promise<StoredDocument | undefined>;
  /** One answer an id, in order; undefined where there is no such document. */
  findMany(database: string, ids: readonly string[]): Promise<(StoredDocument | undefined)[]>;
  /** One answer a document, in order; not atomic. */
  bulk(database: string, documents: readonly NewDocument[]): Promise<BulkResult[]>;
  /** Writes documents with the revisions that they had in another CouchDB. */
  bringBack(database: string, documents: readonly StoredDocument[]): Promise<void>;
  /** Rows of a view with their documents, in the order of their keys. */
  view(database: string, design: string, view: string, range: KeyRange): Promise<ViewRow[]>;
  /** Documents in the order of their ids. */
  range(database: string, range: KeyRange): Promise<StoredDocument[]>;
  /** Removes a document, at this revision only where one is given; one that is gone or changed already is a success. */
  remove(database: string, id: string, revision?: string): Promise<void>;
  /**
   * Lets those who change one document here wait for each other instead of meeting as conflicts: 32 of them are done seven
   * times sooner. Other servers may still come in between.
   */
  inTurn<T>(database: string, id: string, work: () => Promise<T>): Promise<T>;
  /** Changes after a sequence ('0': all), at most `limit`; waits up to `waitMs` where there are none. */
  changes(
    database: string,
    since: string,
    options: { limit: number; waitMs: number; withDocuments: boolean; signal?: AbortSignal },
  ): Promise<Changes>;
};

const Couch = z.object({
  statusCode: z.number().optional(),
  error: z.string().optional(),
  reason: z.string().optional(),
});
const ViewAnswer = z.object({
  rows: z.array(z.object({ id: z.string(), key: z.unknown(), doc: StoredDocument.nullish() })),
});
// An unknown id has a row without an id, a deleted one a row with `doc: null`.
const ManyAnswer = z.object({ rows: z.array(z.object({ doc: StoredDocument.nullish() })) });
const ChangesAnswer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      changes: z.tuple([z.object({ rev: z.string() })]).rest(z.unknown()),
      deleted: z.boolean().optional(),
      doc: StoredDocument.nullish(),
    }),
  ),
  last_seq: z.union([z.string(), z.number()]).transform(String),
});
const BulkRow = z.union([
  z.object({ id: z.string(), rev: z.string() }),
  z.object({ id: z.string(), error: z.string(), reason: z.string() }),
]);

const answerTimeoutMs = 10_000;
/** A view's answer waits for its index, which may have many new documents to take in. */
const viewTimeoutMs = 60_000;
const bulkTimeoutMs = 30_000;

/** Bounds for repeating a failure that passes: somebody waits for the answer. */
const retries = { retries: 2, minTimeout: 50, factor: 4, randomize: true, maxRetryTime: 5_000 };

/** No answer, or one that says that CouchDB is busy. Never a 401: five of them lock the user out for five minutes. */
function isPassing(error: Error): boolean {
  if (!(error instanceof NexusError && error.reason === 'unavailable')) return false;
  const { status } = error.details;
  return typeof status !== 'number' || status === 429 || status >= 500;
}

type Asking = { timeoutMs?: number; onRepeat?: () => void };

/**
 * Opens a client with one pool of kept-alive connections; nothing is sent until the first call. Every call may be repeated:
 * reads by themselves, writes because each names its document, so that the second can be told from another's. Without a
 * place, databases have their plain names.
 */
export function openDocuments(address: DocumentsAddress, place: Place | typeof alone = alone): DocumentStore {
  const authorization = `Basic ${Buffer.from(`${address.user}:${address.password}`).toString('base64')}`;
  const agent = new Agent({ connections: 128, connect: { timeout: 2_000 }, keepAliveTimeout: 4_000 });
  const server = nano({
    url: address.url,
    headers: { authorization },
    // nano hands this on as the dispatcher, which must be an Agent; its types ask for the class or for plain options.
    agentOptions: z.custom<nano.AgentOptions>((value) => value instanceof Agent).parse(agent),
  });

  const ask = <T>(options: nano.RequestOptions, answer: z.ZodType<T>, asking: Asking = {}): Promise<T> =>
    pRetry(
      async (attempt) => {
        if (attempt > 1) asking.onRepeat?.();
        try {
          // nano hands the signal on, though its types do not know it.
          const signal = AbortSignal.timeout(asking.timeoutMs ?? answerTimeoutMs);
          const bounded = { ...options, signal };
          return answer.parse(await server.request(bounded));
        } catch (error) {
          throw translateDocumentsError(error);
        }
      },
      { ...retries, shouldRetry: ({ error }) => isPassing(error) },
    );

  const ensureDatabase = async (db: string) => {
    try {
      await ask({ db, method: 'PUT' }, z.unknown());
    } catch (error) {
      // 412: it is there.
      if (!(error instanceof NexusError && error.details.status === 412)) throw error;
    }
  };

  const ensureDesign = async (db: string, name: string, views: Readonly<Record<string, string>>) => {
    const document = {
      language: 'javascript',
      views: Object.fromEntries(Object.entries(views).map(([view, map]) => [view, { map }])),
    };
    try {
      await ask({ db, doc: `_design/${name}`, method: 'PUT', body: document }, z.unknown());
    } catch (error) {
      if (!(error instanceof NexusError && error.reason === 'conflict')) throw error;
    }
  };

  const { named, settle } = namesIn(place, { ask, ensureDatabase });

  const keyed = async (path: nano.RequestOptions, range: KeyRange): Promise<ViewRow[]> => {
    const answer = await ask(
      {
        ...path,
        qs: {
          include_docs: true,
          // nano writes these two as JSON by itself.
          startkey: range.startKey,
          endkey: range.endKey,
          descending: range.descending ?? false,
          limit: range.limit,
        },
      },
      ViewAnswer,
      { timeoutMs: viewTimeoutMs },
    );
    return answer.rows.map((row) => ({ id: row.id, key: row.key, doc: row.doc ?? undefined }));
  };

  const find = async (database: string, id: string): Promise<StoredDocument | undefined> => {
    try {
      return await ask({ db: named(database), doc: id }, StoredDocument);
    } catch (error) {
      if (error instanceof NexusError && error.reason === 'not_found') return undefined;
      throw error;
    }
  };

  const findMany = async (database: string, ids: readonly string[]): Promise<(StoredDocument | undefined)[]> => {
    if (ids.length === 0) return [];
    const options = { db: named(database), path: '_all_docs', method: 'POST', body: { keys: ids } } as const;
    const { rows } = await ask({ ...options, qs: { include_docs: true } }, ManyAnswer, { timeoutMs: bulkTimeoutMs });
    return ids.map((_id, place) => rows[place]?.doc ?? undefined);
  };

  /** The last who change a document, by its name. */
  const turns = new Map<string, Promise<void>>();

  return {
    async ping() {
      await ask({ path: '_up' }, z.looseObject({ status: z.literal('ok') }));
    },
    async prepare(databases) {
      await settle(Object.keys(databases));
      for (const [database, designs] of Object.entries(databases)) {
        await ensureDatabase(named(database));
        for (const [name, views] of Object.entries(designs)) await ensureDesign(named(database), name, views);
      }
    },
    async put(database, document) {
      const { _id: id, ...body } = document;
      try {
        return await ask(
          { db: named(database), doc: id, method: 'PUT', body },
          z.object({ id: z.string(), rev: z.string() }),
        );
      } catch (error) {
        if (!(error instanceof NexusError && error.reason === 'conflict')) throw error;
        const stored = await find(database, id);
        if (!stored || !isWritten(stored, document)) throw error;
        return { id, rev: stored._rev };
      }
    },
    find,
    findMany,
    async bringBack(database, documents) {
      if (documents.length === 0) return;
      const answers = await ask(
        { db: named(database), path: '_bulk_docs', method: 'POST', body: { docs: documents, new_edits: false } },
        z.array(z.looseObject({ id: z.string().optional(), error: z.string().optional() })),
        { timeoutMs: bulkTimeoutMs },
      );
      const refused = answers.find(({ error }) => error !== undefined);
      if (refused) {
        const details = { store: 'documents', id: refused.id };
        throw new NexusError('invalid_input', `CouchDB refused the document "${refused.id}".`, { details });
      }
    },
    async bulk(database, documents) {
      let isRepeated = false;
      const results = await ask(
        { db: named(database), path: '_bulk_docs', method: 'POST', body: { docs: documents } },
        z.array(BulkRow),
        { timeoutMs: bulkTimeoutMs, onRepeat: () => (isRepeated = true) },
      );
      if (!isRepeated) return results;
      // The first call's answer was lost, but it may have written: what stands there as it was sent is its work.
      const doubtful = documents.filter((_, place) => !('rev' in (results[place] ?? {})));
      const stored = await findMany(
        database,
        doubtful.map(({ _id }) => _id),
      );
      const written = new Map(
        doubtful.flatMap((document, at) => {
          const there = stored[at];
          return there && isWritten(there, document) ? [[document._id, there._rev] as const] : [];
        }),
      );
      return results.map((result) => {
        const rev = written.get(result.id);
        return rev === undefined ? result : { id: result.id, rev };
      });
    },
    view: (database, design, view, range) =>
      keyed({ db: named(database), path: `_design/${design}/_view/${view}` }, range),
    async range(database, range) {
      const found = await keyed({ db: named(database), path: '_all_docs' }, range);
      return found.flatMap((row) => row.doc ?? []);
    },
    async remove(database, id, revision) {
      // Bounded: between the read and the delete another writer may come, but not for ever.
      for (let attempt = 0; ; attempt += 1) {
        const stored = await find(database, id);
        if (!stored || (revision !== undefined && stored._rev !== revision)) return;
        try {
          await ask({ db: named(database), doc: id, method: 'DELETE', qs: { rev: stored._rev } }, z.unknown());
          return;
        } catch (error) {
          if (!(error instanceof NexusError)) throw error;
          if (error.reason === 'not_found') return;
          if (error.reason !== 'conflict' || attempt >= 4) throw error;
        }
      }
    },
    async inTurn(database, id, work) {
      const name = `${database}/${id}`;
      const turn = (turns.get(name) ?? Promise.resolve()).then(work);
      const over = turn.then(
        () => undefined,
        () => undefined,
      );
      turns.set(name, over);
      try {
        return await turn;
      } finally {
        if (turns.get(name) === over) turns.delete(name);
      }
    },
    async changes(database, since, { limit, waitMs, withDocuments, signal }) {
      // Fetched without nano, which takes no signal of the caller's.
      const query = new URLSearchParams({
        feed: waitMs > 0 ? 'longpoll' : 'normal',
        since,
        limit: String(limit),
        timeout: String(waitMs),
        include_docs: String(withDocuments),
      });
      const timeout = AbortSignal.timeout(waitMs + answerTimeoutMs);
      let hasAnswered = false;
      try {
        const response = await fetch(`${address.url}/${encodeURIComponent(named(database))}/_changes?${query}`, {
          headers: { authorization, 'accept-encoding': 'identity' },
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          dispatcher: agent,
        });
        if (!response.ok) throw Object.assign(new Error('_changes failed'), { statusCode: response.status });
        hasAnswered = true;
        const answer = ChangesAnswer.parse(await response.json());
        return {
          lastSequence: answer.last_seq,
          changes: answer.results.map((row) => ({
            id: row.id,
            rev: row.changes[0].rev,
            isDeleted: row.deleted ?? false,
            doc: row.doc ?? undefined,
          })),
        };
      } catch (error) {
        // PouchDB's server begins its answer at once but knows no `timeout`: it waits until something changes.
        if (hasAnswered && waitMs > 0 && timeout.aborted && !signal?.aborted)
          return { lastSequence: since, changes: [] };
        throw translateDocumentsError(error);
      }
    },
  };
}

/** Whether what is stored is what was to be written. */
const isWritten = ({ _rev: _stored, ...stored }: StoredDocument, { _rev: _given, ...given }: NewDocument) =>
  isSameJson(stored, given);

/** Whether two values are the same JSON, in whatever order their keys stand. */
export const isSameJson = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Translates CouchDB's answers for a caller. */
export function translateDocumentsError(error: unknown): NexusError {
  if (error instanceof NexusError) return error;
  const parsed = Couch.safeParse(error);
  const status = parsed.success ? parsed.data.statusCode : undefined;
  const details = { store: 'documents', ...(status && { status }) };
  const problem = (reason: NexusError['reason'], message: string) =>
    new NexusError(reason, message, { details, cause: error });
  switch (status) {
    case 404:
      return problem('not_found', 'CouchDB has no such document.');
    case 409:
      return problem('conflict', 'The document was changed in between; read it again and repeat the change.');
    case 413:
      return problem('too_large', 'The document is larger than CouchDB takes (8 MB); make it smaller.');
    case 400:
      return problem(
        'invalid_input',
        'CouchDB refused the document; it has a character or a name that cannot be stored.',
      );
    case 401:
    case 403:
      return problem('unavailable', 'CouchDB refused the server’s credentials; check COUCHDB_URL.');
    case 507:
      return problem('insufficient_storage', 'CouchDB cannot write, for its disk is full; free space there.');
    default:
      return problem('unavailable', 'CouchDB cannot be reached or did not answer as it should; try again shortly.');
  }
}
