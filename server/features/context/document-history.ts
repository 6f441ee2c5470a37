import { z } from 'zod';
import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { NewDocument, StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { Id } from '../contract.ts';
import { decodeCursor, toPage } from '../cursor.ts';
import { eventDocuments } from './document-databases.ts';
import { isOfWorkspace, StoredInstant } from './stored-fields.ts';

/** A version of a document: `item` and `rev` are null where it was deleted. */
export type Version<Item> = { rev: string | null; at: Date; by: number | null; item: Item | null };

const { database: events } = eventDocuments;
const prefixOf = (id: string) => `${id}:h:`;

/** Revisions in the order in which they came: "12-9f…" as 00000012-9f…. */
function placeOf(revision: string): string {
  const [generation = '', hash = ''] = revision.split('-');
  return `${generation.padStart(8, '0')}-${hash}`;
}

/**
 * Keeps a version that is about to be replaced. Its id and content are those of the version, so that whoever keeps it too
 * writes the same; where the replacement then fails, it is the version that still stands, which is read once.
 */
export async function keepVersion(stores: Stores, database: string, version: StoredDocument): Promise<void> {
  await stores.documents.put(events, {
    _id: prefixOf(version._id) + placeOf(version._rev),
    source: database,
    document_id: version._id,
    topology_id: version.topology_id ?? null,
    workspace_id: version.workspace_id,
    version,
  });
}

/** The event of a deletion, for an effect: it comes behind the version that was deleted. */
export function deletionOf(actor: Actor, database: string, deleted: StoredDocument, at: Date): NewDocument {
  const generation = Number(deleted._rev.split('-')[0]) + 1;
  return {
    _id: prefixOf(deleted._id) + placeOf(`${generation}-deleted`),
    source: database,
    document_id: deleted._id,
    topology_id: deleted.topology_id ?? null,
    workspace_id: actor.workspaceId,
    version: null,
    updated_at: at.toISOString(),
    updated_by: actor.userId,
  };
}

/** Whether anything is kept of what a document was. */
export async function hasHistory(stores: Stores, actor: Actor, database: string, id: string): Promise<boolean> {
  const range = { startKey: prefixOf(id), endKey: `${prefixOf(id)}~`, limit: 1 };
  const kept = await stores.documents.range(events, range);
  return kept.some((one) => isOfWorkspace(actor, one) && one.source === database);
}

const When = z.object({
  updated_at: StoredInstant.optional().catch(undefined),
  timestamp: StoredInstant.optional().catch(undefined),
  created_at: StoredInstant.optional().catch(undefined),
});
const Who = z.object({ updated_by: Id.nullish().catch(null), created_by: Id.nullish().catch(null) });
const Kept = z.looseObject({ version: z.looseObject({ _id: z.string(), _rev: z.string() }).nullable() });
const Place = z.tuple([z.string()]);

type Asked<Item> = Readonly<{
  database: string;
  kind: string;
  /** Its id in CouchDB. */
  id: string;
  /** The id as the caller gave it, where it differs. */
  givenId?: string;
  limit: number;
  cursor?: string | undefined;
  read: (stored: StoredDocument | undefined) => Item | undefined;
}>;

/** A document and its earlier versions, newest first, in pages; also of a deleted one. Throws `not_found`. */
export async function readHistory<Item>(
  stores: Stores,
  actor: Actor,
  { database, kind, id, givenId = id, limit, cursor, read }: Asked<Item>,
): Promise<{ items: Version<Item>[]; nextCursor: string | null }> {
  const [before] = decodeCursor(cursor, Place) ?? [];
  const prefix = prefixOf(id);
  // CouchDB orders ids by their bytes: '~' comes after all that a revision may hold.
  const range = { startKey: prefix + (before ?? '~'), endKey: prefix, descending: true, limit: limit + 2 };
  const [current, kept] = await Promise.all([
    before === undefined ? stores.documents.find(database, id) : undefined,
    stores.documents.range(events, range),
  ]);
  const versions = kept
    .filter((one) => isOfWorkspace(actor, one) && one.source === database)
    .map((one) => ({ place: one._id.slice(prefix.length), event: one, stored: Kept.safeParse(one).data?.version }))
    .filter(({ place, stored }) => place !== before && stored !== undefined)
    // A version whose replacement failed still stands.
    .filter(({ stored }) => !current || stored?._rev !== current._rev);
  const now =
    current && isOfWorkspace(actor, current) ? [{ place: placeOf(current._rev), event: current, stored: current }] : [];
  const found = [...now, ...versions];
  if (found.length === 0 && before === undefined) throw notFound(kind, givenId);
  const page = toPage(found, limit, ({ place }) => [place]);
  return {
    items: page.items.flatMap(({ event, stored }) => {
      const item = stored ? read(stored) : null;
      if (item === undefined) return [];
      const when = When.parse(stored ?? event);
      const who = Who.parse(stored ?? event);
      const at = when.updated_at ?? when.timestamp ?? when.created_at ?? new Date(0);
      return { rev: stored?._rev ?? null, at, by: who.updated_by ?? who.created_by ?? null, item };
    }),
    nextCursor: page.nextCursor,
  };
}
