import pLimit from 'p-limit';
import { NexusError } from '../../errors.ts';
import { inNameOf } from '../../stores/callers.ts';
import { translatePostgresError } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { readIngest } from './read-ingest.ts';
import {
  type ClaimedIngest,
  claimIngest,
  failIngest,
  hasDueIngest,
  postponeIngest,
  releaseIngest,
  renewClaim,
} from './store.ts';
import { ingestsTopic, ingestTopic, thisServer } from './topics.ts';

/** Ingests that are open on a server, each of another workspace; most of them wait for their turn, with a few MB in memory. */
const openAtOnce = 8;
/** Steps that are read or stored at a time. */
const stepsAtOnce = 2;
/** How long one that holds one of all the places goes on while others wait for one. */
const sliceMs = 60_000;
const pollMs = 5_000;
const renewEveryMs = 4_000;
const firstPauseMs = 250;
/** Failures in a row, with nothing read in between, after which an ingest is given up. */
const maxFailures = 8;

/**
 * Reads ingests into their datasets, those of a server that died included: its claim ends by itself within seconds. Eight are
 * open, of different workspaces, and take turns, a step of a bounded cost at a time, two at once. Where more workspaces
 * wait, one that was open for a minute gives way. Disposing it gives back what it has in hand, and another one goes on after the last line stored.
 */
export function runIngests(stores: Stores): AsyncDisposable {
  const stopping = new AbortController();
  const news = stores.signals.arm(ingestsTopic);
  const inHand = new Map<number, Promise<void>>();
  const steps = pLimit(stepsAtOnce);
  /** When one that failed may be tried again. */
  let dueAt = Number.POSITIVE_INFINITY;

  const read = async (ingest: ClaimedIngest) => {
    using _claim = renewing(stores, ingest.id);
    try {
      const openedAt = performance.now();
      const isWhole = await readIngest(stores, ingest, {
        server: thisServer,
        stopping: stopping.signal,
        // Ingests take turns in the order in which they ask, each again after its step.
        turn: (work) => steps(work),
        async givesWay() {
          if (inHand.size < openAtOnce || performance.now() - openedAt < sliceMs) return false;
          return hasDueIngest(stores.db, thisServer, [...inHand.keys()]);
        },
      });
      if (!isWhole) await releaseIngest(stores.db, ingest.id, thisServer);
    } catch (error) {
      const pauseMs = await endFailed(stores, ingest, error);
      dueAt = Math.min(dueAt, Date.now() + pauseMs);
    }
    stores.signals.send(ingestTopic(ingest.id));
  };

  const take = async (): Promise<boolean> => {
    if (inHand.size >= openAtOnce) return false;
    const ingest = await claimIngest(stores.db, thisServer, [...inHand.keys()]);
    if (!ingest) return false;
    // The work counts towards its workspace's share.
    const work = inNameOf({ workspaceId: ingest.workspaceId, signal: undefined }, () => read(ingest))
      .catch((error: unknown) => stores.log.warn({ err: error, ingest: ingest.id }, 'An ingest is left to its claim.'))
      .finally(() => {
        inHand.delete(ingest.workspaceId);
        stores.signals.send(ingestsTopic);
      });
    inHand.set(ingest.workspaceId, work);
    return true;
  };

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      if (dueAt <= Date.now()) dueAt = Number.POSITIVE_INFINITY;
      try {
        if (await take()) continue;
      } catch (error) {
        stores.log.warn({ err: error }, 'Ingests could not be looked for; it is tried again.');
      }
      await news.next(Math.min(pollMs, Math.max(0, dueAt - Date.now())), stopping.signal);
    }
    await Promise.all(inHand.values());
  })();

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
      news[Symbol.dispose]();
    },
  };
}

/** A step may wait for an embeddings endpoint longer than a claim lasts. */
function renewing(stores: Stores, id: number): Disposable {
  const timer = setInterval(() => {
    renewClaim(stores.db, id, thisServer).catch((error: unknown) => {
      stores.log.warn({ err: error, ingest: id }, 'The claim of an ingest was not renewed.');
    });
  }, renewEveryMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

const passing: readonly string[] = ['unavailable', 'timeout', 'conflict', 'insufficient_storage'];

/** Postpones the ingest after a failure that passes, and answers the pause; any other failure ends it with its reason. */
async function endFailed(stores: Stores, ingest: ClaimedIngest, thrown: unknown): Promise<number> {
  const error = reasonOf(thrown);
  const passes = error === undefined || passing.includes(error.reason);
  stores.log.warn({ err: thrown, ingest: ingest.id, failures: ingest.failures }, 'An ingest failed.');
  if (passes && ingest.failures + 1 < maxFailures) {
    const pauseMs = Math.min(firstPauseMs * 2 ** ingest.failures, 60_000);
    await postponeIngest(stores.db, ingest.id, thisServer, pauseMs);
    return pauseMs;
  }
  await failIngest(stores.db, ingest.id, thisServer, error?.message ?? 'The server failed; its log has the cause.');
  return pollMs;
}

function reasonOf(thrown: unknown): NexusError | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof NexusError) return at;
  }
  return translatePostgresError(thrown);
}
