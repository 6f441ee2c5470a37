import { NexusError, notFound } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import type { EndSessionInput, Session } from './contract.ts';
import { findSession, putSession } from './store.ts';

const maxAttempts = 5;

/**
 * Ends a session: its user's own, or any by an owner or an admin (`forbidden` otherwise). One that has ended is answered
 * as it is, so that the call may be repeated. Throws `not_found`.
 */
export async function endSession(stores: Stores, actor: Actor, { id, summary }: EndSessionInput): Promise<Session> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findSession(stores, actor, id);
    if (!found) throw notFound('session', id);
    const { session, stored } = found;
    if (session.userId !== actor.userId && actor.role !== 'owner' && !actor.isAdmin) {
      throw new NexusError('forbidden', `The session "${id}" is user ${session.userId}'s; ask an owner to end it.`, {
        details: { id },
      });
    }
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
