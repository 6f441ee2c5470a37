import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Health, StoreHealth } from './contract.ts';
import { countOutbox, pingPostgres, pingWritable } from './store.ts';

const boundMs = 2_500;

/** How old a reading may be: whoever has no credential may ask, as often as they like. */
const freshMs = 1_000;

/** Each store by itself, each asked for at most 2.5 s; as it was read within the last second. Never throws. */
export const lastHealth = keptFresh(checkHealth);

/** Whether this server can do its work, the truth answering within 2.5 s; read within the last second. Never throws. */
export const lastReady = keptFresh(isReady);

/** One reading for all who ask within a second of it. */
function keptFresh<Reading>(read: (stores: Stores) => Promise<Reading>): (stores: Stores) => Promise<Reading> {
  const kept = new WeakMap<Stores, { atMs: number; reading: Promise<Reading> }>();
  return (stores) => {
    const nowMs = performance.now();
    const last = kept.get(stores);
    if (last && nowMs - last.atMs < freshMs) return last.reading;
    const reading = read(stores);
    kept.set(stores, { atMs: nowMs, reading });
    return reading;
  };
}

async function checkHealth(stores: Stores): Promise<Health> {
  const [postgres, objects, documents, outbox] = await Promise.all([
    timed(() => pingWritable(stores.db)),
    timed(() => stores.objects.ping()),
    timed(() => stores.documents.ping()),
    within(() => countOutbox(stores.db)).catch(() => ({ waiting: null, parked: null, lagSeconds: null })),
  ]);
  const isHealthy = [postgres, objects, documents].every((store) => store.status === 'healthy');
  return { status: isHealthy ? 'healthy' : 'unhealthy', stores: { postgres, objects, documents }, outbox };
}

async function isReady(stores: Stores): Promise<boolean> {
  return within(() => pingPostgres(stores.db)).then(
    () => true,
    () => false,
  );
}

async function timed(ping: () => Promise<unknown>): Promise<StoreHealth> {
  const startedAt = performance.now();
  const latencyMs = () => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    await within(ping);
    return { status: 'healthy', latencyMs: latencyMs(), error: null };
  } catch (cause) {
    const isFull = cause instanceof NexusError && cause.reason === 'insufficient_storage';
    // The cause may hold an address; whoever may see that reads the log.
    const error = isFull
      ? 'The store takes no writes, for its disk is full or read-only; what is there can be read.'
      : 'The store did not answer as it should.';
    return { status: 'unhealthy', latencyMs: latencyMs(), error };
  }
}

async function within<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), boundMs);
  });
  try {
    return await Promise.race([work(), bound]);
  } finally {
    clearTimeout(timer);
  }
}
