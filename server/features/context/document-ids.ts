import type { Actor } from '../../procedure/actor.ts';
import type { StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { contextDocuments } from './document-databases.ts';
import { findFirstWorkspace, findIndexed } from './index-store.ts';
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
export async function findMeant(stores: Stores, actor: Actor, id: string): Promise<StoredDocument | undefined> {
  if (isMade(id)) {
    const plain = await stores.documents.find(database, id);
    if (plain && isOfWorkspace(actor, plain)) return plain;
  }
  const [found] = await findEach(stores, actor, [id]);
  return found?.there;
}

/** Where each of these ids is for the actor: the document that is there, or the name that a new one is to have. */
export async function findPlaces(
  stores: Stores,
  actor: Actor,
  ids: readonly string[],
): Promise<({ there: StoredDocument } | { documentId: string })[]> {
  if (ids.length === 0) return [];
  const [found, first] = await Promise.all([findEach(stores, actor, ids), findFirstWorkspace(stores.db)]);
  return found.map(({ id, there, isPlainFree }) => {
    if (there) return { there };
    return { documentId: isPlainFree && first === actor.workspaceId ? id : documentIdIn(actor.workspaceId, id) };
  });
}

/**
 * Looks up each id under its own and its plain name. A plain id that another workspace is known to have is not read:
 * the time would reveal that it exists, and its size. The own name is asked for twice instead, so that the question is
 * as long.
 */
async function findEach({ documents, db }: Stores, actor: Actor, ids: readonly string[]) {
  const indexed = await findIndexed(db, ids);
  const isForeign = (id: string) => indexed.has(id) && indexed.get(id) !== actor.workspaceId;
  const own = ids.map((id) => documentIdIn(actor.workspaceId, id));
  const plain = ids.map((id, at) => (isForeign(id) ? (own[at] ?? id) : id));
  const found = await documents.findMany(database, [...own, ...plain]);
  return ids.map((id, at) => {
    const there = [found[at], found[ids.length + at]].find((one) => one && isOfWorkspace(actor, one));
    return { id, there, isPlainFree: !isForeign(id) && found[ids.length + at] === undefined };
  });
}
