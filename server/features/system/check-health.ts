import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Health, StoreHealth } from './contract.ts';
import { countOutbox, pingPostgres, pingWritable } from './store.ts';

const boundMs = 2_500;

/** Asks each store by itself and at once, each for at most 2.5 s. Never throws. */
export async function checkHealth(stores: Stores): Promise<Health> {
  const [postgres, objects, documents, outbox] = await Promise.all([
    timed(() => pingWritable(stores.db)),
    timed(() => stores.objects.ping()),
    timed(() => stores.documents.ping()),
    within(() => countOutbox(stores.db)).catch(() => ({ waiting: null, parked: null, lagSeconds: null })),
  ]);
  const isHealthy = [postgres, objects, documents].every((store) => store.status === 'healthy');
  return { status: isHealthy ? 'healthy' : 'unhealthy', stores: { postgres, objects, documents }, outbox };
}

/** Whether this server can do its work: the truth answers within 2.5 s. Never throws. */
export async function isReady(stores: Pick<Stores, 'db'>): Promise<boolean> {
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
