import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Heartbeat, RunInput } from './contract.ts';
import { requireUnfinished } from './log-points.ts';
import { advanceRun, holdRun, setStatus } from './store.ts';

/**
 * Renews the lease of a run; a lost one is running again. Throws `not_found`, and `precondition_failed` for a finished run.
 */
export async function keepAlive(stores: Stores, actor: Actor, { id }: RunInput): Promise<Heartbeat> {
  const { leaseExpiresAt, isBack } = await stores.db.transaction(async (tx) => {
    const run = await holdRun(tx, actor, id);
    if (!run) throw notFound('training run', id);
    requireUnfinished(id, run.status);
    const isBack = run.status === 'lost';
    if (isBack) await setStatus(tx, actor, id, { status: 'running' });
    const revision = run.revision + (isBack ? 1 : 0);
    return { leaseExpiresAt: await advanceRun(tx, actor, id, { revision, added: 0 }), isBack };
  });
  if (isBack) stores.signals.send(`run:${id}`);
  return { id, status: 'running', leaseExpiresAt };
}
