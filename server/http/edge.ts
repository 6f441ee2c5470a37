import type { IncomingMessage, ServerResponse } from 'node:http';
import { NexusError } from '../errors.ts';
import type { Actor } from '../procedure/actor.ts';
import { networkOf } from '../stores/limits.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { Traces } from '../watch/traces.ts';
import { type Admission, type Holder, openAdmission, type Release } from './admission.ts';
import { noCredential } from './answer.ts';
import { type Arrival, type Caller, callerOf } from './caller.ts';
import type { Context } from './context.ts';
import { addressOf, type Credentials, credentialsOf } from './credentials.ts';
import { toNexusError } from './error-mapping.ts';
import type { CallLimits } from './limits.ts';
import { declaredBytes, leaveBody, type Pace, receiveBody } from './received-body.ts';
import type { Refuse } from './refusal.ts';
import { newRequestId } from './request-id.ts';
import { strangerBodyBytes, type Target } from './target.ts';
import { openUnreadAnswers } from './unread-answers.ts';

/** Places by what a request is at. Those of callers without a credential are their own. */
const strangersPlaces = { work: { maxRequests: 16, maxWaiting: 64 }, body: { maxRequests: 512, maxWaiting: 0 } };
const callersBodies = { small: { maxRequests: 512, maxWaiting: 512 }, large: { maxRequests: 8, maxWaiting: 256 } };
const smallBodyBytes = 1024 * 1024;
const callersPace: Pace = { graceMs: 10_000, leastBytesPerSecond: 16 * 1024 };
const strangersPace: Pace = { graceMs: 5_000, leastBytesPerSecond: 64 * 1024 };

export type EdgeFacts = {
  credentials: Credentials;
  limits: CallLimits;
  metrics: Metrics;
  traces: Traces | undefined;
  targetOf: (incoming: IncomingMessage) => Target;
  refuse: Refuse;
  logFailure: (thrown: unknown, requestId: string) => void;
  /** Places of those who are known. */
  requests: Admission;
  streams: Admission;
  contextOf: (
    facts: Pick<Context, 'actor' | 'actorNow' | 'requestId' | 'address' | 'signal' | 'openStream'>,
  ) => Context;
  /** Answers a request that was let in. */
  answer: (incoming: IncomingMessage, outgoing: ServerResponse, arrival: Arrival) => void;
};

export type Edge = Disposable & ((incoming: IncomingMessage, outgoing: ServerResponse) => void);

/**
 * Lets a request in, in this order: its target, by one look-up its caller, the limits of calls, its body, a place. Whoever
 * has no credential is refused by the headers alone, but for what is open to everybody; what is read and held for them is
 * apart from what is for those who are known.
 */
export function openEdge(facts: EdgeFacts): Edge {
  const { credentials, limits, metrics, traces, targetOf, refuse, answer } = facts;
  const actorOf = credentialsOf(credentials);
  const unread = openUnreadAnswers();
  const known = {
    work: facts.requests,
    small: openAdmission(callersBodies.small, 'bodies'),
    large: openAdmission(callersBodies.large, 'large bodies'),
  };
  const strangersBodies = openAdmission(strangersPlaces.body, 'bodies');
  const strangers = {
    work: openAdmission(strangersPlaces.work, 'requests without a credential'),
    small: strangersBodies,
    large: strangersBodies,
  };

  const refused = (incoming: IncomingMessage, outgoing: ServerResponse, thrown: unknown, requestId: string) => {
    const error = toNexusError(thrown);
    if (error.reason === 'internal') facts.logFailure(thrown, requestId);
    metrics.observeRefusal(error.reason);
    leaveBody(incoming);
    // A body that comes too slowly is the caller's time-out, not the server's.
    refuse(incoming, outgoing, error, requestId, error.reason === 'timeout' && !incoming.complete ? 408 : undefined);
  };

  const identify = async (caller: Caller, target: Target, address: string | undefined) => {
    const secret = /^bearer ([^ ]+)$/i.exec(caller.header('authorization') ?? '')?.[1];
    if (secret !== undefined) caller.token = credentials.authenticator.present(secret);
    const actor = await actorOf(caller);
    if (actor) return actor;
    const blocked = limits.strangerBlocked(address);
    if (blocked) throw blocked;
    // A refused subscription is told so in its stream, where its client can read it.
    if (target.isOpen || (target.isSubscription && target.door === 'trpc')) return undefined;
    await limits.countStranger(address);
    throw noCredential();
  };

  const enter = async (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    target: Target,
    caller: Caller,
    actor: Actor | undefined,
    address: string | undefined,
  ) => {
    const holder = holderOf(actor, address);
    const isCall = target.door !== 'auth';
    if (isCall) await limits.countCall(caller, actor, address);
    unread.requireRoom(holder);
    const places = actor ? known : strangers;
    const body = await bodyOf(
      incoming,
      outgoing,
      actor ? target.bodyBytes : Math.min(target.bodyBytes, strangerBodyBytes),
      {
        places,
        holder,
        pace: actor ? callersPace : strangersPace,
      },
    );
    const release = places.work.tryAcquire(holder) ?? (await places.work.acquire(holder));
    body.release();
    // A caller who left while waiting needs no answer.
    if (outgoing.closed) return release();
    outgoing.once('close', release);
    // Answers may have come to wait while this one did.
    unread.requireRoom(holder);
    unread.watch(outgoing, holder);
    const openStream = () => {
      const free = facts.streams.tryAcquire(holder);
      if (!free) throw tooManyStreams();
      outgoing.once('close', free);
    };
    const { requestId, signal } = caller;
    const ctx = isCall
      ? facts.contextOf({ actor, actorNow: () => actorOf(caller), requestId, address, signal, openStream })
      : undefined;
    answer(incoming, outgoing, { caller, ctx, body: body.bytes, release });
  };

  const arrive = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    let target: Target;
    try {
      target = targetOf(incoming);
    } catch (error) {
      return refused(incoming, outgoing, error, newRequestId());
    }
    const caller = callerOf(incoming, target);
    if (target.door === 'other' || incoming.method === 'OPTIONS') {
      leaveBody(incoming);
      return answer(incoming, outgoing, { caller, ctx: undefined, body: noBytes, release: () => undefined });
    }
    const address = addressOf(caller, credentials.proxies);
    const refuseIt = (error: unknown) => {
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
      else refused(incoming, outgoing, error, caller.requestId);
    };
    try {
      const actor = target.door === 'auth' ? await personOf(caller) : await identify(caller, target, address);
      const work = () => void enter(incoming, outgoing, target, caller, actor, address).catch(refuseIt);
      // Comes after the credential check: a flood of refused requests makes no flood of spans.
      if (traces) traces.request(incoming, outgoing, work);
      else work();
    } catch (error) {
      refuseIt(error);
    }
  };
  /** A person signing in has no credential yet; a cookie that opens nothing counts as none. */
  const personOf = (caller: Caller) => actorOf(caller).catch(() => undefined);

  const edge = (incoming: IncomingMessage, outgoing: ServerResponse) => void arrive(incoming, outgoing);
  return Object.assign(edge, { [Symbol.dispose]: () => unread[Symbol.dispose]() });
}

const noBytes = Buffer.alloc(0);

type Reading = {
  places: { small: Admission; large: Admission };
  holder: Holder;
  pace: Pace;
};

/** The body, and the place of its bytes: of a small one until it has a place to be worked on, of a large one to the end. */
async function bodyOf(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  maxBytes: number,
  { places, holder, pace }: Reading,
): Promise<{ bytes: Buffer; release: Release }> {
  const declared = declaredBytes(incoming);
  if (maxBytes === 0 || declared === 0) {
    if (declared !== 0) leaveBody(incoming);
    return { bytes: noBytes, release: () => undefined };
  }
  const isLarge = (declared ?? maxBytes) > smallBodyBytes;
  const admission = isLarge ? places.large : places.small;
  const release = admission.tryAcquire(holder) ?? (await admission.acquire(holder));
  outgoing.once('close', release);
  const bytes = await receiveBody(incoming, outgoing, maxBytes, pace);
  return { bytes, release: isLarge ? () => undefined : release };
}

function holderOf(actor: Actor | undefined, address: string | undefined): Holder {
  const network = networkOf(address);
  if (!actor) return { credential: `network ${network}`, workspace: `callers of ${network}` };
  const credential = actor.tokenId === null ? `user ${actor.userId}` : `token ${actor.tokenId}`;
  return { credential, workspace: `workspace ${actor.workspaceId}` };
}

const tooManyStreams = () =>
  new NexusError(
    'unavailable',
    'As many subscriptions are open as the server, or this caller, may have; try again shortly.',
    {
      details: { retryAfterSeconds: 5 },
    },
  );
