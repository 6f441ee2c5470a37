import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = {
  /** Counts a call and how long it took. `outcome` is `ok` or the reason of the refusal. */
  observeCall(procedure: string, outcome: string, seconds: number): void;
  /** Counts a request that was refused for its credential before it was looked at. */
  observeRefusal(reason: string): void;
  /** Everything as Prometheus reads it. */
  print(): Promise<{ contentType: string; text: string }>;
};

/** Asked when the metrics are read; undefined where PostgreSQL does not answer. */
export type Depths = {
  queriesInWork: () => number;
  outbox: () => Promise<{ waiting: number; parked: number; lagSeconds: number } | undefined>;
  pendingUploads: () => Promise<number | undefined>;
};

/** Metrics of one server, in a registry of its own. */
export function createMetrics(depths: Depths): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const calls = new Counter({
    name: 'nexus_calls_total',
    help: 'Calls by procedure and outcome: ok, or the reason of the refusal.',
    labelNames: ['procedure', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'nexus_call_seconds',
    help: 'How long calls took, by procedure.',
    labelNames: ['procedure'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers,
  });
  const refusals = new Counter({
    name: 'nexus_refused_requests_total',
    help: 'Requests refused for their credential before anything of them was read, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const queries = gauge('nexus_postgres_calls_in_work', 'Calls that the PostgreSQL pool has in work or waiting.');
  const waiting = gauge('nexus_outbox_waiting', 'Decided changes of other stores that are not yet done.');
  const parked = gauge('nexus_outbox_parked', 'Changes that failed for good and wait for a person.');
  const lag = gauge('nexus_outbox_lag_seconds', 'Age of the oldest change that is not yet done.');
  const uploads = gauge('nexus_uploads_pending', 'Uploads that were begun and are not complete.');
  const setOrDrop = (of: Gauge, value: number | undefined) => (value === undefined ? of.remove() : of.set(value));
  return {
    observeCall(procedure, outcome, duration) {
      calls.inc({ procedure, outcome });
      seconds.observe({ procedure }, duration);
    },
    observeRefusal: (reason) => refusals.inc({ reason }),
    async print() {
      const [outbox, pending] = await Promise.all([depths.outbox(), depths.pendingUploads()]);
      queries.set(depths.queriesInWork());
      setOrDrop(waiting, outbox?.waiting);
      setOrDrop(parked, outbox?.parked);
      setOrDrop(lag, outbox?.lagSeconds);
      setOrDrop(uploads, pending);
      return { contentType: register.contentType, text: await register.metrics() };
    },
  };
}
