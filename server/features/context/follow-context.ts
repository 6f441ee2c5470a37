import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Change, Changes } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { indexRowOf } from './index-context.ts';
import {
  deleteFromIndex,
  newestSequence,
  readChanges,
  readContext,
  readPosition,
  upsertIndex,
  writePosition,
} from './store.ts';

const waitMs = 20_000;
const maxPauseMs = 30_000;

export type Follower = AsyncDisposable & {
  /** Resolves when everything that was written before the call is in the index. For tests and for the command line. */
  caughtUp(): Promise<void>;
};

type FollowerStores = Pick<Stores, 'db' | 'documents' | 'log'>;

/**
 * Keeps the index that `context.search` searches in step with CouchDB, whoever writes there. Its place in the changes is
 * stored with the rows that they made, so that it goes on from there after a restart, and repeats at most one page.
 */
export function followContext(stores: FollowerStores): Follower {
  const stopping = new AbortController();
  let since: string | undefined;

  const round = async (waitsMs: number): Promise<number> => {
    const from = since ?? (await startingPoint(stores));
    const page = await readChanges(stores, from, waitsMs, stopping.signal);
    if (page.changes.length > 0) await apply(stores, page);
    since = page.lastSequence;
    return page.changes.length;
  };

  const loop = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        await round(waitMs);
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        stores.log.warn({ err: error, failures }, 'Changes of the context cannot be followed; it is tried again.');
        const pauseMs = Math.min(250 * 2 ** failures, maxPauseMs);
        failures = Math.min(failures + 1, 10);
        await wait(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  })();

  return {
    async caughtUp() {
      while ((await round(0)) > 0);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
    },
  };
}

/**
 * The stored place, or the beginning. A place that this CouchDB cannot have given, because the database was made anew or
 * another server stands at its address, is given up: PouchDB counts its changes, CouchDB's sequences are opaque.
 */
async function startingPoint(stores: FollowerStores): Promise<string> {
  const [stored, newest] = await Promise.all([readPosition(stores.db), newestSequence(stores)]);
  if (stored === undefined) return '0';
  const isCount = (sequence: string) => /^\d+$/.test(sequence);
  if (isCount(stored) !== isCount(newest)) return '0';
  return isCount(stored) && Number(stored) > Number(newest) ? '0' : stored;
}

async function apply(stores: FollowerStores, { changes, lastSequence }: Changes): Promise<void> {
  try {
    await index(stores, changes, lastSequence);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // One document that PostgreSQL does not take must not hold up the others.
    for (const change of changes) await indexAlone(stores, change);
    await stores.db.transaction((tx) => writePosition(tx, lastSequence));
  }
}

function index(stores: FollowerStores, changes: readonly Change[], lastSequence?: string): Promise<void> {
  const documents = changes.filter(({ id }) => !id.startsWith('_design/'));
  const read = documents.map(({ id, isDeleted, doc }) => ({
    id,
    context: isDeleted || !doc ? undefined : readContext(doc),
  }));
  return stores.db.transaction(async (tx) => {
    // What is deleted, or is no longer context, goes.
    await deleteFromIndex(
      tx,
      read.filter(({ context }) => !context).map(({ id }) => id),
    );
    await upsertIndex(
      tx,
      read.flatMap(({ context }) => (context ? indexRowOf(context.workspaceId, context.document) : [])),
    );
    if (lastSequence !== undefined) await writePosition(tx, lastSequence);
  });
}

async function indexAlone(stores: FollowerStores, change: Change): Promise<void> {
  try {
    await index(stores, [change]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    stores.log.warn({ err: error, document: change.id }, 'A context document cannot be indexed; it is passed over.');
  }
}

const Refusal = z.object({ code: z.string().regex(/^(22|23|54)/) });

/** Whether PostgreSQL refused a value, a constraint or a size (SQLSTATE classes 22, 23, 54) and will do so again. */
function isRefusal(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (Refusal.safeParse(at).success) return true;
  }
  return false;
}
