import { NexusError } from '../errors.ts';

export type AdmissionLimits = {
  /** Places that are held at a time. */
  maxRequests: number;
  /** Callers waiting for a place. */
  maxWaiting: number;
};

/** The owner of a place: a token or a person, and their workspace; without a credential an address. */
export type Holder = { credential: string; workspace: string };

/** Gives a place back. Calling it again does nothing. */
export type Release = () => void;

export type Admission = {
  /** A place; undefined where one has to be waited for. */
  tryAcquire(holder: Holder): Release | undefined;
  /** As `tryAcquire`, in its turn. Throws `unavailable` where too many wait, and after 10 s. */
  acquire(holder: Holder): Promise<Release>;
};

/** A request that waited so long is refused: whoever sent it is about to give it up. */
const maxWaitMs = 10_000;
const retryAfterSeconds = 1;
/** The most of all places, and of all that wait, that one credential and one workspace may have. */
const shares = { credential: 1 / 2, workspace: 3 / 4 };

type Waiting = { holder: Holder; admit: (release: Release) => void };

/**
 * Places for a bounded number of requests, and for a bounded number that wait. No credential has more than half of them
 * and no workspace more than three quarters, so that the others always find some; those that wait are let in by turns, one
 * of each credential. `credentialShare` gives one credential less than half. `noun` is the name of what takes a place, as the refusal says it.
 */
export function openAdmission(
  { maxRequests, maxWaiting }: AdmissionLimits,
  noun: string,
  credentialShare: number = shares.credential,
): Admission {
  const held = countOf(maxRequests, credentialShare);
  const queued = countOf(maxWaiting);
  const queues = new Map<string, Waiting[]>();

  const take = (holder: Holder): Release => {
    held.add(holder, 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      held.add(holder, -1);
      admitNext();
    };
  };
  const remove = (waiting: Waiting) => {
    const { credential } = waiting.holder;
    const queue = queues.get(credential)?.filter((one) => one !== waiting) ?? [];
    queued.add(waiting.holder, -1);
    queues.delete(credential);
    // Moves the credential behind the others: it has had its turn.
    if (queue.length > 0) queues.set(credential, queue);
  };
  const admitNext = () => {
    for (const [next] of queues.values()) {
      if (!next || !held.hasRoom(next.holder)) continue;
      remove(next);
      next.admit(take(next.holder));
      return;
    }
  };
  const tryAcquire = (holder: Holder) => (held.hasRoom(holder) ? take(holder) : undefined);

  return {
    tryAcquire,
    acquire: (holder) =>
      new Promise((resolve, reject) => {
        const free = tryAcquire(holder);
        if (free) return resolve(free);
        const refuse = () => reject(full(`${held.total()} ${noun} in work and ${queued.total()} waiting`));
        if (!queued.hasRoom(holder)) return refuse();
        const waiting: Waiting = {
          holder,
          admit(release) {
            clearTimeout(timer);
            resolve(release);
          },
        };
        const timer = setTimeout(() => {
          remove(waiting);
          refuse();
        }, maxWaitMs);
        queued.add(holder, 1);
        queues.set(holder.credential, [...(queues.get(holder.credential) ?? []), waiting]);
      }),
  };
}

function full(state: string): NexusError {
  return new NexusError('unavailable', `The server has ${state}; try again shortly.`, {
    details: { retryAfterSeconds },
  });
}

/** How many each credential and each workspace has of `most`. */
function countOf(most: number, credentialShare: number = shares.credential) {
  const counts = new Map<string, number>();
  let total = 0;
  const mostOf = { credential: Math.ceil(most * credentialShare), workspace: Math.ceil(most * shares.workspace) };
  const add = (key: string, by: number) => {
    const count = (counts.get(key) ?? 0) + by;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };
  return {
    total: () => total,
    hasRoom: ({ credential, workspace }: Holder) =>
      total < most &&
      (counts.get(credential) ?? 0) < mostOf.credential &&
      (counts.get(workspace) ?? 0) < mostOf.workspace,
    add({ credential, workspace }: Holder, by: number) {
      total += by;
      add(credential, by);
      add(workspace, by);
    },
  };
}
