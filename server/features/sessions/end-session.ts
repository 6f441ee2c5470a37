import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { EndSessionInput, Session } from './contract.ts';
import { requireOwnSession } from './own-session.ts';
import { putSession } from './store.ts';

const maxAttempts = 5;

/**
 * Ends a session: its user's own, or any by an owner or an admin (`forbidden` otherwise). One that has ended is answered
 * as it is, so that the call may be repeated. Throws `not_found`.
 */
export async function endSession(stores: Stores, actor: Actor, { id, summary }: EndSessionInput): Promise<Session> {
  for (let attempt = 1; ; attempt += 1) {
    const { session, stored } = await requireOwnSession(stores, actor, id);
    if (session.status === 'ended') return session;
    const endedAt = new Date();
    const changed = { status: 'ended', summary: summary ?? null, ended_at: endedAt.toISOString() };
    try {
      const { rev } = await putSession(stores, { ...stored, ...changed });
      return { ...session, rev, status: 'ended', summary: summary ?? null, endedAt };
    } catch (error) {
      // Somebody ended it in between, or this call's first answer was lost: the next read tells.
      if (!(error instanceof NexusError && error.reason === 'conflict') || attempt >= maxAttempts) throw error;
    }
  }
}
