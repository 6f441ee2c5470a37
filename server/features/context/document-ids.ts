import type { Actor } from '../../procedure/actor.ts';
import type { StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { contextDocuments } from './document-databases.ts';
import { findFirstWorkspace } from './index-store.ts';
import { isOfWorkspace } from './stored-fields.ts';

const { database } = contextDocuments;

/**
 * Ids that callers choose are each workspace's own, and CouchDB has one document of a name: it has that of another workspace
 * than the first as `<id>@<workspace>`, which no caller can give. Those of the first one stand as they are, where other
 * programs look for them, and so does whatever was written before or by others, with its workspace in it.
 */
export const documentIdIn = (workspaceId: number, id: string) => `${id}@${workspaceId}`;

/** The id as its workspace knows it. */
export function givenIdOf(documentId: string, workspaceId: number): string {
  const end = `@${workspaceId}`;
  return documentId.endsWith(end) ? documentId.slice(0, -end.length) : documentId;
}

/** Whether it looks like one that the server made, which is found at the first look then. */
const isMade = (id: string) => /^ctx_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);

/** The document that an actor means by an id, by whichever name CouchDB has it. */
export async function findMeant({ documents }: Stores, actor: Actor, id: string): Promise<StoredDocument | undefined> {
  const isOwn = (one: StoredDocument | undefined) => one !== undefined && isOfWorkspace(actor, one);
  const own = documentIdIn(actor.workspaceId, id);
  if (!isMade(id)) return (await documents.findMany(database, [own, id])).find(isOwn);
  const plain = await documents.find(database, id);
  if (isOwn(plain)) return plain;
  const scoped = await documents.find(database, own);
  return isOwn(scoped) ? scoped : undefined;
}

/** Where each of these ids is for the actor: the document that is there, or the name that a new one is to have. */
export async function findPlaces(
  { documents, db }: Stores,
  actor: Actor,
  ids: readonly string[],
): Promise<({ there: StoredDocument } | { documentId: string })[]> {
  if (ids.length === 0) return [];
  const own = ids.map((id) => documentIdIn(actor.workspaceId, id));
  const [found, first] = await Promise.all([documents.findMany(database, [...own, ...ids]), findFirstWorkspace(db)]);
  return ids.map((id, at) => {
    const plain = found[ids.length + at];
    const there = [found[at], plain].find((one) => one && isOfWorkspace(actor, one));
    if (there) return { there };
    const isPlain = first === actor.workspaceId && plain === undefined;
    return { documentId: isPlain ? id : documentIdIn(actor.workspaceId, id) };
  });
}
