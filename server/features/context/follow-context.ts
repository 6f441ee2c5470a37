import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Change, Changes } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { dropFromFeed, type FeedEntry, type Told, topicOf, writeFeed } from '../feed/index.ts';
import { type Belonging, type Followed, followed } from './followed.ts';
import { readPosition, writePosition } from './index-store.ts';
import { findStored, newestSequence, readChanges } from './store.ts';

const waitMs = 20_000;
const maxPauseMs = 30_000;
const pageSize = 500;
const gatherMs = 50;
/** A busy database gathers its changes for longer. */
const busyGatherMs = 250;
const busyCount = 25;

export type Follower = AsyncDisposable & {
  /** Resolves when everything that was written before the call is in the index. For tests and for the command line. */
  caughtUp(): Promise<void>;
};

export type FollowerStores = Pick<Stores, 'db' | 'documents' | 'log'> & { signals: Pick<Stores['signals'], 'send'> };

/**
 * Keeps what PostgreSQL knows of the documents in step with CouchDB, whoever writes there: the index that `context.search`
 * searches, and the feed of the subscriptions. Its place in the changes of each database is stored with the rows that they
 * made, so that it goes on from there after a restart, and repeats at most one page.
 */
export function followContext(stores: FollowerStores): Follower {
  const followers = followed.map((one) => followDatabase(stores, one));
  return {
    async caughtUp() {
      await Promise.all(followers.map((follower) => follower.caughtUp()));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(followers.map((follower) => follower[Symbol.asyncDispose]()));
    },
  };
}

function followDatabase(stores: FollowerStores, one: Followed): Follower {
  const stopping = new AbortController();
  let since: string | undefined;
  let isForced = false;

  const round = async (waitsMs: number): Promise<number> => {
    if (since === undefined) ({ since, isForced } = await startingPoint(stores, one));
    const page = await readPage(stores, one, { since, waitMs: waitsMs, isForced }, stopping.signal);
    if (page.changes.length > 0) await applyChanges(stores, one, page, isForced);
    if (page.changes.length < pageSize) isForced = false;
    since = page.lastSequence;
    return page.changes.length;
  };

  const pause = (ms: number) => wait(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const loop = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const count = await round(waitMs);
        failures = 0;
        // Changes close together are applied together: a transaction for each would slow their writers down.
        if (count > 0 && count < pageSize) await pause(count < busyCount ? gatherMs : busyGatherMs);
      } catch (error) {
        if (stopping.signal.aborted) return;
        const { database } = one;
        stores.log.warn({ err: error, database, failures }, 'Changes cannot be followed; it is tried again.');
        const pauseMs = Math.min(250 * 2 ** failures, maxPauseMs);
        failures = Math.min(failures + 1, 10);
        await pause(pauseMs);
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
 * another server stands at its address, is given up, and with it the order of the revisions that are known: PouchDB counts
 * its changes, CouchDB's sequences are opaque.
 */
async function startingPoint(stores: FollowerStores, { database }: Followed) {
  const [stored, newest] = await Promise.all([readPosition(stores.db, database), newestSequence(stores, database)]);
  if (stored === undefined) return { since: '0', isForced: false };
  const isCount = (sequence: string) => /^\d+$/.test(sequence);
  const isForced = isCount(stored) !== isCount(newest) || (isCount(stored) && Number(stored) > Number(newest));
  return { since: isForced ? '0' : stored, isForced };
}

type Page = Changes & {
  /** Changes that are projected already, and whose documents were not read. */
  known?: ReadonlyMap<string, Belonging>;
};

/** Reads what changed. Of what this program wrote, which is most, the index tells all: its documents are not read again. */
async function readPage(
  stores: FollowerStores,
  one: Followed,
  { since, waitMs, isForced }: { since: string; waitMs: number; isForced: boolean },
  signal: AbortSignal,
): Promise<Page> {
  const { database, findKnown } = one;
  const withDocuments = isForced || !findKnown;
  const page = await readChanges(stores, database, { since, limit: pageSize, waitMs, withDocuments }, signal);
  if (withDocuments) return page;
  const known = await findKnown(stores.db, page.changes);
  const unknown = page.changes.filter(
    ({ id, isDeleted }) => !isDeleted && !known.has(id) && !id.startsWith('_design/'),
  );
  const found = await findStored(
    stores,
    database,
    unknown.map(({ id }) => id),
  );
  const documents = new Map(unknown.map(({ id }, place) => [id, found[place]]));
  return {
    lastSequence: page.lastSequence,
    known,
    changes: page.changes.flatMap((change) => {
      const doc = documents.get(change.id);
      // A document deleted since has a later change, behind this page, that tells it.
      return documents.has(change.id) && !doc ? [] : [{ ...change, doc }];
    }),
  };
}

/** Applies a page of changes with the place behind it. `isForced`: whatever is known of newer revisions. */
export async function applyChanges(
  stores: FollowerStores,
  one: Followed,
  { changes, lastSequence, known }: Page,
  isForced: boolean,
): Promise<void> {
  try {
    await apply(stores, one, changes, { known, isForced, lastSequence });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // One document that PostgreSQL does not take must not hold up the others.
    for (const change of changes) await applyAlone(stores, one, change, { known, isForced });
    await stores.db.transaction((tx) => writePosition(tx, one.database, lastSequence));
  }
}

type Applying = Pick<Page, 'known'> & { isForced: boolean; lastSequence?: string };

async function apply(
  stores: FollowerStores,
  one: Followed,
  changes: readonly Change[],
  { known, isForced, lastSequence }: Applying,
): Promise<void> {
  const documents = changes.filter(({ id }) => !id.startsWith('_design/'));
  const told = await stores.db.transaction(async (tx) => {
    await one.project?.(
      tx,
      documents.filter(({ id }) => !known?.has(id)),
      isForced,
    );
    const toTell = await feed(tx, one, documents, { known, isForced });
    if (lastSequence !== undefined) await writePosition(tx, one.database, lastSequence);
    return toTell;
  });
  const topics = new Set(
    told.flatMap(({ workspaceId, scope }) => [topicOf(workspaceId, scope), topicOf(workspaceId, '')]),
  );
  for (const topic of topics) stores.signals.send(topic);
}

async function feed(
  tx: Parameters<typeof writeFeed>[0],
  one: Followed,
  documents: readonly Change[],
  { known, isForced }: Applying,
): Promise<Told[]> {
  const gone = documents.filter(({ id, isDeleted, doc }) => !known?.has(id) && (isDeleted || !doc));
  const entries = documents.flatMap(({ id, rev, isDeleted, doc }): FeedEntry[] => {
    const belongs = known?.get(id) ?? (!isDeleted && doc ? one.belongsTo(doc) : undefined);
    return belongs ? [{ documentId: id, revision: doc?._rev ?? rev, ...belongs }] : [];
  });
  if (one.tellsDeletions) {
    const deletions = gone.map(({ id, rev }) => ({ documentId: id, revision: rev }));
    return writeFeed(tx, one.database, { entries, deletions, isForced });
  }
  await dropFromFeed(
    tx,
    one.database,
    gone.map(({ id }) => id),
  );
  return writeFeed(tx, one.database, { entries, deletions: [], isForced });
}

async function applyAlone(stores: FollowerStores, one: Followed, change: Change, applying: Applying): Promise<void> {
  try {
    await apply(stores, one, [change], applying);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    stores.log.warn({ err: error, document: change.id }, 'A document cannot be indexed; it is passed over.');
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
