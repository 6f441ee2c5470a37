import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { newDocumentId } from '../context/index.ts';
import type { CreateSessionInput, Session } from './contract.ts';
import { isMember, putSession } from './store.ts';

/**
 * Starts a session. Throws `forbidden` where neither an owner nor an admin names another user, and `not_found` where that
 * is nobody of the workspace.
 */
export async function createSession(stores: Stores, actor: Actor, input: CreateSessionInput): Promise<Session> {
  const { userId = actor.userId, sessionType, metadata } = input;
  if (userId !== actor.userId) {
    if (actor.role !== 'owner' && !actor.isAdmin) {
      throw new NexusError(
        'forbidden',
        `userId names user ${userId}, but you are user ${actor.userId}; leave it out, or ask an owner.`,
        { details: { field: 'userId', value: userId } },
      );
    }
    if (!(await isMember(stores.db, actor, userId))) throw notFound('user', userId);
  }
  const startedAt = new Date();
  const { id, rev } = await putSession(stores, {
    _id: newDocumentId('ses'),
    user_id: userId,
    session_type: sessionType,
    status: 'active',
    metadata,
    summary: null,
    topology_id: null,
    started_at: startedAt.toISOString(),
    ended_at: null,
    created_by: actor.userId,
    workspace_id: actor.workspaceId,
  });
  const createdBy = actor.userId;
  return {
    id,
    rev,
    userId,
    sessionType,
    status: 'active',
    metadata,
    summary: null,
    startedAt,
    endedAt: null,
    createdBy,
  };
}
