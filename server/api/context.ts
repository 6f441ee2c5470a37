import type { Actor } from '../features/actor.ts';
import type { Caller } from '../stores/callers.ts';
import type { Stores } from '../stores/stores.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { Traces } from '../watch/traces.ts';

/** What one request brings to a procedure. `actor` is undefined where no credential was given. */
export type Context = {
  stores: Stores;
  actor: Actor | undefined;
  /** Whom the same credential makes now: a subscription outlives the moment in which `actor` was found. */
  actorNow: () => Promise<Actor | undefined>;
  requestId: string;
  /** Whether the caller has left: an AbortSignal, or what looks like one. What then runs for a query is given up. */
  signal: Caller['signal'];
  metrics: Metrics;
  traces: Traces | undefined;
  subscriptions: { most: number; open: number };
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
