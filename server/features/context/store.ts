import { and, eq, inArray } from 'drizzle-orm';
import { z } from 'zod';
import { topologies } from '../../../drizzle/schema/index.ts';
import { NexusError } from '../../errors.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { BulkResult, DocumentStore, NewDocument, StoredDocument } from '../../stores/documents.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { gathered } from '../gathered.ts';
import type { AddContextInput, ContextDocument, ListContextInput } from './contract.ts';
import { contextDocuments, eventDocuments } from './document-databases.ts';
import { deletionOf } from './document-history.ts';
import { findMeant, givenIdOf } from './document-ids.ts';
import { readDocumentPage } from './document-pages.ts';
import { isOfWorkspace, StoredInstant, StoredJson, StoredObject, storedFields, topologyName } from './stored-fields.ts';

const { database } = contextDocuments;

/** Older than every revision of CouchDB's, so that the follower replaces it. */
export const decidedRevision = '0-decided';

const StoredContext = z
  .object({
    ...storedFields,
    type: z.string().min(1).max(1000),
    data: StoredJson,
    metadata: StoredObject.nullish(),
    timestamp: StoredInstant,
  })
  .transform((stored) => ({
    workspaceId: stored.workspace_id,
    documentId: stored._id,
    document: {
      id: givenIdOf(stored._id, stored.workspace_id),
      rev: stored._rev,
      type: stored.type,
      data: stored.data,
      topologyId: stored.topology_id,
      metadata: stored.metadata ?? {},
      timestamp: stored.timestamp,
      createdBy: stored.created_by ?? null,
    },
  }));

/** A document with the name that CouchDB has it by. */
export type Named = { documentId: string; document: ContextDocument };

/** A context document with its workspace, or undefined for what another program wrote otherwise. */
export function readContext(stored: StoredDocument): (Named & { workspaceId: number }) | undefined {
  const parsed = StoredContext.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

export const contextOf = (actor: Actor) => (stored: StoredDocument | undefined) =>
  stored && isOfWorkspace(actor, stored) ? readContext(stored)?.document : undefined;

/** The document as CouchDB holds it, its names those of the guide. */
export function storedContext(actor: Actor, documentId: string, input: AddContextInput, timestamp: Date): NewDocument {
  return {
    _id: documentId,
    type: input.type,
    data: input.data,
    topology_id: typeof input.topologyId === 'number' ? topologyName(input.topologyId) : null,
    metadata: input.metadata,
    timestamp: timestamp.toISOString(),
    created_by: actor.userId,
    workspace_id: actor.workspaceId,
  };
}

const maxPut = 100;
const puts = new WeakMap<DocumentStore, (document: NewDocument) => Promise<BulkResult>>();

/** Writes a new document together with those of the same moment: one bulk costs CouchDB little more than one document. */
export async function putContext({ documents }: Stores, document: NewDocument): Promise<{ id: string; rev: string }> {
  const put = puts.get(documents) ?? gathered<NewDocument, BulkResult>(maxPut, (all) => documents.bulk(database, all));
  puts.set(documents, put);
  let result: BulkResult;
  try {
    result = await put(document);
  } catch (error) {
    // A bulk fails whole for one document that CouchDB does not take: each then answers for itself.
    if (!(error instanceof NexusError && ['invalid_input', 'too_large'].includes(error.reason))) throw error;
    return documents.put(database, document);
  }
  if ('rev' in result) return result;
  // Alone it is answered as it stands, or refused.
  return documents.put(database, document);
}

export const putContexts = (stores: Stores, documents: readonly NewDocument[]): Promise<BulkResult[]> =>
  stores.documents.bulk(database, documents);

export const removeContext = (stores: Stores, { _id, _rev }: StoredDocument) =>
  stores.documents.remove(database, _id, _rev);

/** Decides the deletion of a document, which its history tells. Call `stores.wakeRelay()` after the commit. */
export async function enqueueDeletion(tx: Transaction, actor: Actor, stored: StoredDocument): Promise<void> {
  const effect = {
    workspaceId: actor.workspaceId,
    createdBy: actor.userId,
    entity: `documents:${database}/${stored._id}`,
  };
  const document = deletionOf(actor, database, stored, new Date());
  const payload = { database, id: stored._id, revision: stored._rev };
  await enqueue(tx, { ...effect, kind: 'documents.remove-revision.v1', payload });
  await enqueue(tx, { ...effect, kind: 'documents.put.v1', payload: { database: eventDocuments.database, document } });
}

/** Decides the removal of documents. Call `stores.wakeRelay()` after the commit. */
export async function enqueueRemoval(tx: Transaction, actor: Actor, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += 1000) {
    await enqueue(tx, {
      workspaceId: actor.workspaceId,
      createdBy: actor.userId,
      kind: 'documents.remove.v1',
      payload: { database, ids: ids.slice(at, at + 1000) },
      entity: `documents:${database}/${ids[at]}`,
    });
  }
}

export async function findContext(stores: Stores, actor: Actor, id: string): Promise<ContextDocument | undefined> {
  return contextOf(actor)(await findMeant(stores, actor, id));
}

/** Finds documents by their names in CouchDB. */
export async function findContexts(
  stores: Stores,
  actor: Actor,
  documentIds: readonly string[],
): Promise<(ContextDocument | undefined)[]> {
  return (await stores.documents.findMany(database, documentIds)).map(contextOf(actor));
}

export const selectContext = (stores: Stores, actor: Actor, { topologyId, type, limit, cursor }: ListContextInput) =>
  readDocumentPage(
    stores,
    actor,
    contextDocuments,
    { narrowedBy: [topologyId ?? 0, type ?? ''], limit, cursor },
    contextOf(actor),
  );

export const readChanges = (
  stores: Pick<Stores, 'documents'>,
  of: string,
  asked: { since: string; limit: number; waitMs: number; withDocuments: boolean },
  signal?: AbortSignal,
) => stores.documents.changes(of, asked.since, { ...asked, signal });

export const findStored = ({ documents }: Pick<Stores, 'documents'>, of: string, ids: readonly string[]) =>
  documents.findMany(of, ids);

/** The sequence at which CouchDB is now. */
export async function newestSequence(stores: Pick<Stores, 'documents'>, of: string): Promise<string> {
  return (await stores.documents.changes(of, 'now', { limit: 1, waitMs: 0, withDocuments: false })).lastSequence;
}

/** Which of these topologies are in the workspace. */
export async function findTopologies(db: Database, actor: Actor, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const found = await db
    .select({ id: topologies.id })
    .from(topologies)
    .where(and(eq(topologies.workspaceId, actor.workspaceId), inArray(topologies.id, [...ids])));
  return new Set(found.map(({ id }) => id));
}

/** Whether each topology is in the workspace named with it. */
export async function findWorkspaceTopologies(
  db: Database,
  asked: readonly { workspaceId: number; id: number }[],
): Promise<boolean[]> {
  const ids = [...new Set(asked.map(({ id }) => id))];
  const columns = { id: topologies.id, workspaceId: topologies.workspaceId };
  const found = await db.select(columns).from(topologies).where(inArray(topologies.id, ids));
  const workspaceOf = new Map(found.map((one) => [one.id, one.workspaceId]));
  return asked.map(({ workspaceId, id }) => workspaceOf.get(id) === workspaceId);
}

/** Waits for whoever holds the topology, so that what they indexed is there to be forgotten. */
export async function lockTopology(tx: Transaction, actor: Actor, id: number): Promise<void> {
  await tx
    .select({ id: topologies.id })
    .from(topologies)
    .where(and(eq(topologies.workspaceId, actor.workspaceId), eq(topologies.id, id)))
    .for('update');
}
