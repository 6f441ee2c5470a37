import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { NexusError } from '../errors.ts';
import type { Actor } from '../procedure/actor.ts';
import { type Limits, networkOf } from '../stores/limits.ts';
import type { Caller } from './caller.ts';

/** Calls of one address without a valid credential, in a minute. */
const strangersCalls = 1_200;
const strangersCallsName = 'calls without a valid credential';
/** Failed guesses at passwords from one address, in ten minutes. */
const failedSignIns = 50;
/** Failed guesses at one person's from one address that cost nothing; each further one doubles the wait. */
const freeFailures = 5;
const longestWaitSeconds = 900;

export type CallLimits = {
  /** Counts a call. Throws `too_many_requests` with the seconds to wait. */
  countCall(caller: Caller, actor: Actor | undefined, address: string | undefined): Promise<void>;
  /** Counts a call without a valid credential. Throws as `countCall`. */
  countStranger(address: string | undefined): Promise<void>;
  /** The refusal of an address whose calls without a valid credential were too many; asks nothing but this process. */
  strangerBlocked(address: string | undefined): NexusError | undefined;
  /**
   * Counts a guess at somebody's password before anybody looks whether it is right, so that of many at once no more are
   * looked at than of many after one another. Throws `too_many_requests` where this person has to wait, from this address.
   * Answers the function that is to be told what came of it.
   */
  countGuess(whose: string, address: string | undefined): Promise<(outcome: GuessOutcome) => Promise<void>>;
};

/** `unseen`: nobody looked whether it is right. */
export type GuessOutcome = 'right' | 'wrong' | 'unseen';

/**
 * Bounds how often each caller may call. A valid token is held up by its own calls only, whatever else comes from its address.
 * A person who mistypes waits from that address alone, and 15 minutes at most, so that nobody else can lock them out.
 */
export function callLimits(limits: Limits, callsPerMinute: number): CallLimits {
  const calls = limits.limit('calls', callsPerMinute, 60);
  const strangers = limits.limit('strangers', strangersCalls, 60);
  const addresses = limits.limit('sign-in-addresses', failedSignIns, 600);
  const failures = limits.limit('sign-in-failures', freeFailures, 3_600);
  const waits = limits.limit('sign-in-waits', 1, longestWaitSeconds);
  // Spares Redis a round trip for an address that is over its limit.
  const blocked = new LRUCache<string, number>({ max: 10_000 });
  const strangerBlocked = (address: string | undefined) => {
    const seconds = Math.ceil(((blocked.get(networkOf(address)) ?? 0) - Date.now()) / 1000);
    return seconds > 0 ? tooMany(strangersCallsName, seconds) : undefined;
  };
  const countStranger = async (address: string | undefined, calls = 1) => {
    const known = strangerBlocked(address);
    if (known) throw known;
    const seconds = await strangers.take(networkOf(address), calls);
    if (seconds === 0) return;
    blocked.set(networkOf(address), Date.now() + seconds * 1000);
    throw tooMany(strangersCallsName, seconds);
  };
  const keyOf = (whose: string, network: string) =>
    createHash('sha256').update(`${whose.trim().toLowerCase()} ${network}`).digest('base64url');

  return {
    async countCall(caller, actor, address) {
      if (!actor) return countStranger(address, caller.calls);
      const seconds = await calls.take(actor.tokenId ?? `user-${actor.userId}`, caller.calls);
      if (seconds > 0) throw tooMany('calls', seconds);
    },
    countStranger,
    strangerBlocked,
    async countGuess(whose, address) {
      const network = networkOf(address);
      const key = keyOf(whose, network);
      const takeBack = () => Promise.all([addresses.giveBack(network), failures.giveBack(key)]);
      const [busySeconds, count] = await Promise.all([addresses.take(network), failures.count(key)]);
      const waitSeconds =
        busySeconds > 0 || count <= freeFailures
          ? busySeconds
          : await waits.take(key, 1, Math.min(2 ** (count - freeFailures), longestWaitSeconds));
      if (waitSeconds > 0) {
        await takeBack();
        throw tooMany('failed sign-ins', waitSeconds);
      }
      return async (outcome) => {
        if (outcome === 'unseen') await takeBack();
        if (outcome === 'right') {
          await Promise.all([failures.forget(key), waits.forget(key), addresses.giveBack(network)]);
        }
      };
    },
  };
}

function tooMany(what: string, retryAfterSeconds: number): NexusError {
  return new NexusError('too_many_requests', `Too many ${what}; try again in ${retryAfterSeconds} s.`, {
    details: { retryAfterSeconds },
  });
}

/** The header that says when to try again, where an error does. */
export function retryAfter(error: NexusError): { 'retry-after'?: string } {
  const seconds = error.details.retryAfterSeconds;
  return typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {};
}
