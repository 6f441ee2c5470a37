import type { Accounts } from '../features/accounts/index.ts';
import type { Actor } from '../features/actor.ts';
import type { Stores } from '../stores/stores.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { Traces } from '../watch/traces.ts';

/** What one request brings to a procedure. `actor` is undefined where no credential was given. */
export type Context = {
  stores: Stores;
  accounts: Accounts;
  actor: Actor | undefined;
  /** Whom the same credential makes now: a subscription outlives the moment in which `actor` was found. */
  actorNow: () => Promise<Actor | undefined>;
  requestId: string;
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
