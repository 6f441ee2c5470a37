import { LRUCache } from 'lru-cache';
import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isSameJson, type StoredDocument } from '../../stores/documents.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { gathered } from '../gathered.ts';
import type { AddContextInput, ContextDocument } from './contract.ts';
import { findMeant, findPlaces } from './document-ids.ts';
import { indexWritten } from './index-context.ts';
import { contextOf, findWorkspaceTopologies, type Named, putContext, storedContext } from './store.ts';
import { newDocumentId } from './stored-fields.ts';

/**
 * Writes a document, which a search finds at once. Sent again with the same id, the same document is answered as it is
 * stored. Throws `not_found` for a topology that is not there, and `conflict` where the id has another document.
 */
export async function addContext(stores: Stores, actor: Actor, input: AddContextInput): Promise<ContextDocument> {
  const { topologyId = null, id = newDocumentId('ctx') } = input;
  if (topologyId !== null && !(await hasTopology(stores, actor, topologyId))) throw notFound('topology', topologyId);
  const given = { ...input, topologyId, id };
  const [place = { documentId: id }] = input.id === undefined ? [] : await findPlaces(stores, actor, [input.id]);
  const written =
    'there' in place ? sameAsGiven(place.there, actor, given) : await write(stores, actor, place.documentId, given);
  const homeless = await indexWritten(stores, actor, [written]);
  if (topologyId !== null && homeless.has(written.documentId)) throw notFound('topology', topologyId);
  return written.document;
}

type Asked = { workspaceId: number; id: number };
type Lookup = { known: LRUCache<string, true>; look: (asked: Asked) => Promise<boolean> };
const lookups = new WeakMap<Database, Lookup>();
/** How long a topology that was there is taken to be there still; one that went meanwhile is met when the document is indexed. */
const knownForMs = 2_000;

async function hasTopology({ db }: Stores, { workspaceId }: Actor, id: number): Promise<boolean> {
  const lookup = lookups.get(db) ?? {
    known: new LRUCache<string, true>({ max: 10_000, ttl: knownForMs }),
    look: gathered<Asked, boolean>(100, (asked) => findWorkspaceTopologies(db, asked)),
  };
  lookups.set(db, lookup);
  const key = `${workspaceId} ${id}`;
  if (lookup.known.has(key)) return true;
  const isThere = await lookup.look({ workspaceId, id });
  if (isThere) lookup.known.set(key, true);
  return isThere;
}

type Given = AddContextInput & { id: string; topologyId: number | null };

async function write(stores: Stores, actor: Actor, documentId: string, given: Given): Promise<Named> {
  const timestamp = new Date();
  try {
    const { rev } = await putContext(stores, storedContext(actor, documentId, given, timestamp));
    return { documentId, document: asDocument(actor, given, rev, timestamp) };
  } catch (error) {
    if (!(error instanceof NexusError && error.reason === 'conflict')) throw error;
    // It came between the look and the write.
    return sameAsGiven(await findMeant(stores, actor, given.id), actor, given, error);
  }
}

/** The stored document, where it equals the one given, as after a repeated call. Throws `conflict` otherwise. */
function sameAsGiven(stored: StoredDocument | undefined, actor: Actor, given: Given, cause?: unknown): Named {
  const document = contextOf(actor)(stored);
  if (!stored || !document || !isSameContext(document, given)) throw takenId(given.id, cause);
  return { documentId: stored._id, document };
}

export function asDocument(actor: Actor, given: Given, rev: string, timestamp: Date): ContextDocument {
  const { id, type, data, topologyId, metadata } = given;
  return { id, rev, type, data, topologyId, metadata, timestamp, createdBy: actor.userId };
}

/** Whether what is stored is what the caller sends (again). */
export function isSameContext(stored: ContextDocument, given: AddContextInput): boolean {
  const content = ({ type, data, topologyId = null, metadata }: AddContextInput) => [type, data, topologyId, metadata];
  return isSameJson(content(stored), content(given));
}

export function takenId(id: string, cause?: unknown): NexusError {
  return new NexusError('conflict', `The id "${id}" has another document; choose another, or leave it out.`, {
    details: { field: 'id', value: id },
    cause,
  });
}
