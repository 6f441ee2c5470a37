import type { VerbContext } from '../features/define.ts';
import type { Actor } from '../procedure/actor.ts';
import type { Caller } from '../stores/callers.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { Traces } from '../watch/traces.ts';

/** Everything that one request brings to a procedure. `actor` is undefined without a credential. */
export type Context = VerbContext & {
  actor: Actor | undefined;
  /** Asks again who the same credential stands for: a subscription outlives the moment in which `actor` was found. */
  actorNow: () => Promise<Actor | undefined>;
  requestId: string;
  /** Whether the caller has left: an AbortSignal or its like. Work for a query is then given up. */
  signal: Caller['signal'];
  metrics: Metrics;
  traces: Traces | undefined;
  /** Takes a place for a stream until the request ends. Throws `unavailable` where there is none. */
  openStream: () => void;
};
