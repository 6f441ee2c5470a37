import { v7 } from 'uuid';
import { invalidInput, NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isSameJson, type StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { isOfWorkspace, topologyName } from './stored-fields.ts';

/** Parts of a document (`m`: metrics, `e`: events), each a document of its own whose id begins with `partPrefix`. */
type Family = Readonly<{ database: string; parentId: string; kind: 'm' | 'e' }>;

type NewParts = Family &
  Readonly<{
    /** The parts' name in a refusal. */
    noun: string;
    /** The field that names the parent. */
    parentField: string;
    topologyId: number | null;
    contents: readonly Readonly<Record<string, unknown>>[];
    ids: readonly string[] | undefined;
  }>;

const partPrefix = ({ parentId, kind }: Family) => `${parentId}:${kind}:`;

/**
 * Appends parts, so that callers never wait for each other or lose one. Not atomic; sent again with the same ids, what is
 * there stays as it is. Answers the ids. Throws `conflict` where an id has other content.
 */
export async function appendParts(stores: Stores, actor: Actor, parts: NewParts): Promise<string[]> {
  const { database, noun, contents } = parts;
  if (parts.ids && new Set(parts.ids).size !== contents.length) {
    throw invalidInput('ids', `There are ${contents.length} ${noun}; give as many different ids, or none.`);
  }
  // Ordered by their time: random ids would make CouchDB's file three times as large.
  const ids = [...(parts.ids ?? contents.map(() => v7()))];
  const documentIds = ids.map((id) => partPrefix(parts) + id);
  const timestamp = new Date().toISOString();
  const answers = await stores.documents.bulk(
    database,
    contents.map((content, place) => ({
      ...content,
      _id: documentIds[place] ?? '',
      [parts.parentField]: parts.parentId,
      topology_id: parts.topologyId === null ? null : topologyName(parts.topologyId),
      place,
      timestamp,
      created_by: actor.userId,
      workspace_id: actor.workspaceId,
    })),
  );
  const unwritten = ids.flatMap((_, place) => ('rev' in (answers[place] ?? {}) ? [] : [place]));
  const stored = await stores.documents.findMany(
    database,
    unwritten.map((place) => documentIds[place] ?? ''),
  );
  for (const [at, place] of unwritten.entries()) {
    const there = stored[at];
    const content = contents[place] ?? {};
    if (there && isOfWorkspace(actor, there) && isSameJson(contentOf(there, content), content)) continue;
    throw there
      ? new NexusError('conflict', `The id "${ids[place]}" has other values; choose another.`, {
          details: { field: 'ids', value: ids[place] },
        })
      : new NexusError('unavailable', `CouchDB did not take all ${noun}; send them again with ids.`, {
          details: { store: 'documents', ids: unwritten.map((one) => ids[one]) },
        });
  }
  return ids;
}

const contentOf = (stored: StoredDocument, like: object) =>
  Object.fromEntries(Object.keys(like).map((key) => [key, stored[key]]));

const batch = 1000;

/** The parts behind the part `after` in the order of their ids, at most `limit`, read by 1,000. */
export async function readParts(
  stores: Stores,
  actor: Actor,
  { limit, after, ...family }: Family & { limit: number; after?: string | undefined },
): Promise<StoredDocument[]> {
  const prefix = partPrefix(family);
  const found: StoredDocument[] = [];
  // CouchDB orders ids by their bytes: '~' comes after all that an id may hold, ' ' before.
  let startKey = after === undefined ? prefix : `${prefix}${after} `;
  for (let isLast = false; !isLast && found.length < limit; ) {
    const count = Math.min(batch, limit - found.length);
    const documents = await stores.documents.range(family.database, { startKey, endKey: `${prefix}~`, limit: count });
    found.push(...documents.filter((one) => isOfWorkspace(actor, one)));
    isLast = documents.length < count;
    startKey = `${documents.at(-1)?._id ?? prefix} `;
  }
  return found;
}

/** The id of a part as it was given. */
export const partId = (family: Family, documentId: string) => documentId.slice(partPrefix(family).length);
