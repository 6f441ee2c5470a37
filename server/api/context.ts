import type { z } from 'zod';
import type { Accounts } from '../features/accounts/index.ts';
import type { Actor } from '../features/actor.ts';
import type { Caller } from '../stores/callers.ts';
import type { Stores } from '../stores/stores.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { Traces } from '../watch/traces.ts';

/** Everything that one request brings to a procedure. `actor` is undefined without a credential. */
export type Context = {
  stores: Stores;
  accounts: Accounts;
  actor: Actor | undefined;
  /** Asks again who the same credential stands for: a subscription outlives the moment in which `actor` was found. */
  actorNow: () => Promise<Actor | undefined>;
  /** The contract of what a procedure takes, by its path. */
  inputOf: (path: string) => z.ZodType;
  requestId: string;
  /** Whether the caller has left: an AbortSignal, or what looks like one. What then runs for a query is given up. */
  signal: Caller['signal'];
  metrics: Metrics;
  traces: Traces | undefined;
  /** Takes a place for a stream until the request ends. Throws `unavailable` where there is none. */
  openStream: () => void;
  /** From where the call came. */
  address: string | undefined;
  /** Fills in `system.info` and `system.health`. */
  server: ServerFacts;
};

export type ServerFacts = {
  version: string;
  startedAt: Date;
  /** Which stores are embedded. */
  embedded: { postgres: boolean; objects: boolean; documents: boolean };
};
