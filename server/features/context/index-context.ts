import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { gathered } from '../gathered.ts';
import type { ContextDocument } from './contract.ts';
import { type IndexRow, indexHoused } from './index-store.ts';
import { enqueueRemoval, type Named } from './store.ts';

/** PostgreSQL refuses a tsvector over 1 MB, which is at most about four times the text; what lies behind is not found. */
const maxBodyBytes = 200_000;

/** A document as the index holds it: every word of its type, data, tags and author. */
export function indexRowOf(workspaceId: number, { documentId, document }: Named): IndexRow {
  const { rev, type, topologyId, timestamp, createdBy } = document;
  const { tags, author, priority } = document.metadata;
  return {
    workspaceId,
    documentId,
    revision: rev,
    topologyId,
    type,
    tags: [tags ?? []].flat().flatMap((tag) => textOf(tag) ?? []),
    author: textOf(author) ?? null,
    priority: textOf(priority) ?? null,
    body: bodyOf(document),
    documentAt: timestamp,
    createdBy,
  };
}

/** The words of a document that are searched, or so much of their beginning. */
export const bodyOf = ({ type, data, metadata: { tags, author } }: ContextDocument, maxBytes = maxBodyBytes): string =>
  [...wordsOf([type, data, tags ?? null, author ?? null], maxBytes)].join('\n');

/** The text that a filter may name; PostgreSQL holds no NUL. */
const textOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value).replaceAll('\0', ' ').slice(0, 1000).toWellFormed()
    : undefined;

/** Texts, numbers and keys in their order, as far as the index takes them. */
function* wordsOf(value: unknown, maxBytes: number): Generator<string> {
  const open: unknown[] = [value];
  let bytes = 0;
  while (open.length > 0 && bytes < maxBytes) {
    const part = open.pop();
    if (typeof part === 'string' || typeof part === 'number') {
      // PostgreSQL holds no NUL; a cut may leave half a character.
      const text = Buffer.from(String(part).replaceAll('\0', ' ').toWellFormed())
        .subarray(0, maxBytes - bytes)
        .toString('utf8')
        .replace(/\uFFFD$/, '');
      bytes += Buffer.byteLength(text) + 1;
      yield text;
    } else if (Array.isArray(part)) {
      for (let index = part.length - 1; index >= 0; index -= 1) open.push(part[index]);
    } else if (typeof part === 'object' && part !== null) {
      for (const [key, inner] of Object.entries(part).reverse()) open.push(inner, key);
    }
  }
}

type Written = { actor: Actor; documents: readonly Named[] };

const maxGathered = 100;
const maxRows = 500;
const maxStatementCharacters = 1_000_000;
const gatherers = new WeakMap<Database, (written: Written) => Promise<readonly string[]>>();

function gathererOf(db: Database) {
  const there = gatherers.get(db);
  if (there) return there;
  const gatherer = gathered<Written, readonly string[]>(maxGathered, (written) => writeEach(db, written));
  gatherers.set(db, gatherer);
  return gatherer;
}

/**
 * Puts the writer's own documents into the index, so that they are found at once; the follower does it again. Answers the
 * names of documents whose topology was deleted while they were written, and decides their removal: that of the topology may
 * have come before them. Where PostgreSQL fails, nothing is lost: the follower finds the documents later.
 */
export async function indexWritten(stores: Stores, actor: Actor, documents: readonly Named[]): Promise<Set<string>> {
  let homeless: readonly string[] = [];
  try {
    const written = { actor, documents };
    if (documents.length <= maxGathered) homeless = await gathererOf(stores.db)(written);
    else [homeless = []] = await writeEach(stores.db, [written]);
  } catch (error) {
    stores.log.warn({ err: error, count: documents.length }, 'Context is found when the follower comes to it.');
  }
  if (homeless.length > 0) stores.wakeRelay();
  return new Set(homeless);
}

/** Rows in lists, each of which goes in by a statement of a fraction of a second: the embedded store does nothing else meanwhile. */
function statementsOf(rows: readonly IndexRow[]): IndexRow[][] {
  const statements: IndexRow[][] = [];
  let characters = 0;
  for (const row of rows) {
    const last = statements.at(-1);
    characters += row.body.length;
    if (last && last.length < maxRows && characters <= maxStatementCharacters) last.push(row);
    else {
      statements.push([row]);
      characters = row.body.length;
    }
  }
  return statements;
}

/** Answers, for each, the ids of its documents whose topology is gone. */
async function writeEach(db: Database, written: readonly Written[]): Promise<string[][]> {
  // One id once, its newest last: two changes of one document may have met here.
  const rows = new Map(
    written.flatMap(({ actor, documents }) =>
      documents.map((one) => [`${actor.workspaceId} ${one.documentId}`, indexRowOf(actor.workspaceId, one)] as const),
    ),
  );
  const all = [...rows.values()];
  const gone = new Set<string>();
  for (const some of statementsOf(all)) {
    for (const id of await indexHoused(db, some)) gone.add(id);
  }
  const homeless = written.map(({ documents }) => documents.flatMap(({ documentId: id }) => (gone.has(id) ? id : [])));
  if (gone.size > 0) {
    await db.transaction(async (tx) => {
      for (const [place, { actor }] of written.entries()) await enqueueRemoval(tx, actor, homeless[place] ?? []);
    });
  }
  return homeless;
}
