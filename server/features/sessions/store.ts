import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { workspaceMembers } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { NewDocument, StoredDocument } from '../../stores/documents.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import {
  eventDocuments,
  isOfWorkspace,
  partId,
  readDocumentPage,
  readParts,
  StoredInstant,
  StoredJson,
  StoredObject,
  sessionDocuments,
  storedFields,
} from '../context/index.ts';
import { Id } from '../contract.ts';
import { decodeCursor, toPage } from '../cursor.ts';
import { type ListSessionsInput, type Session, type SessionEvent, SessionStatus } from './contract.ts';

const { database } = sessionDocuments;

const StoredSession = z
  .object({
    ...storedFields,
    user_id: Id,
    session_type: z.string(),
    status: SessionStatus,
    metadata: StoredObject.nullish(),
    summary: z.string().nullish(),
    started_at: StoredInstant,
    ended_at: StoredInstant.nullish(),
  })
  .transform((stored) => ({
    id: stored._id,
    rev: stored._rev,
    userId: stored.user_id,
    sessionType: stored.session_type,
    status: stored.status,
    metadata: stored.metadata ?? {},
    summary: stored.summary ?? null,
    startedAt: stored.started_at,
    endedAt: stored.ended_at ?? null,
    createdBy: stored.created_by ?? null,
  }));

const ofActor = (actor: Actor) => (stored: StoredDocument | undefined) =>
  stored && isOfWorkspace(actor, stored) ? StoredSession.safeParse(stored).data : undefined;

export const putSession = (stores: Stores, document: NewDocument) => stores.documents.put(database, document);

/** A session with its document, which a change is to keep whatever else is in it. */
export async function findSession(
  stores: Stores,
  actor: Actor,
  id: string,
): Promise<{ session: Session; stored: StoredDocument } | undefined> {
  const stored = await stores.documents.find(database, id);
  const session = ofActor(actor)(stored);
  return stored && session && { session, stored };
}

export const selectSessions = (
  stores: Stores,
  actor: Actor,
  { userId, isActive, limit, cursor }: ListSessionsInput,
) => {
  const status = isActive === undefined ? '' : isActive ? 'active' : 'ended';
  return readDocumentPage(
    stores,
    actor,
    sessionDocuments,
    { narrowedBy: [userId ?? 0, status], limit, cursor },
    ofActor(actor),
  );
};

export async function isMember(db: Database, actor: Actor, userId: number): Promise<boolean> {
  const found = await db
    .select({ userId: workspaceMembers.userId })
    .from(workspaceMembers)
    .where(and(eq(workspaceMembers.workspaceId, actor.workspaceId), eq(workspaceMembers.userId, userId)));
  return found.length > 0;
}

/** The events of a session, for `appendParts`. */
export const eventsOf = (id: string) => ({ database: eventDocuments.database, parentId: id, kind: 'e' }) as const;

const StoredEvent = z.object({
  ...storedFields,
  type: z.string(),
  data: StoredJson,
  timestamp: StoredInstant,
});
const Place = z.tuple([z.string()]);

export async function selectEvents(
  stores: Stores,
  actor: Actor,
  id: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: SessionEvent[]; nextCursor: string | null }> {
  const [after] = decodeCursor(cursor, Place) ?? [];
  const found = await readParts(stores, actor, { ...eventsOf(id), after, limit: limit + 1 });
  const page = toPage(found, limit, ({ _id }) => [partId(eventsOf(id), _id)]);
  return {
    items: page.items.flatMap((stored) => {
      const event = StoredEvent.safeParse(stored).data;
      if (!event) return [];
      const { _id, type, data, timestamp, created_by } = event;
      return { id: partId(eventsOf(id), _id), type, data, timestamp, createdBy: created_by ?? null };
    }),
    nextCursor: page.nextCursor,
  };
}
