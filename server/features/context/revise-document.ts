import pRetry from 'p-retry';
import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isSameJson, type StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { keepVersion } from './document-history.ts';

type Change<Item> = Readonly<{
  database: string;
  /** Its id in CouchDB. */
  id: string;
  /** The id as the caller gave it, where it differs. */
  givenId?: string;
  /** Its name in a refusal. */
  kind: string;
  expectedRev: string | undefined;
  /** The document as the actor may see it. */
  read: (stored: StoredDocument | undefined) => Item | undefined;
  /** The stored fields that change, or a refusal; undefined leaves it as it is. */
  change: (item: Item) => Readonly<Record<string, unknown>> | undefined;
}>;

/** Another server changed the document between the read and the write. Those of this one wait for each other. */
const retries = { retries: 10, minTimeout: 20, maxTimeout: 1_000, randomize: true };

/**
 * Changes a document and keeps the version that it replaces. With `expectedRev` it must be the one that the caller saw:
 * throws `conflict`, with the present one as `current` in the details, otherwise. Without, the last writer wins. The same
 * change sent again is answered as it stands, so that a call may be repeated. Throws `not_found`.
 */
export function reviseDocument<Item>(stores: Stores, actor: Actor, given: Change<Item>): Promise<Item> {
  return stores.documents.inTurn(given.database, given.id, () =>
    pRetry(() => revise(stores, actor, given), {
      ...retries,
      shouldRetry: ({ error }) => error instanceof NexusError && error.details.status === 409,
    }),
  );
}

async function revise<Item>(
  stores: Stores,
  actor: Actor,
  { database, id: documentId, givenId: id = documentId, kind, expectedRev, read, change }: Change<Item>,
): Promise<Item> {
  const stored = await stores.documents.find(database, documentId);
  const item = read(stored);
  if (!stored || !item) throw notFound(kind, id);
  if (expectedRev !== undefined && expectedRev !== stored._rev) {
    const isRepeated = stored.previous_rev === expectedRev && stored.updated_by === actor.userId;
    if (isRepeated && isLeftAsItIs(stored, change(item))) return item;
    throw new NexusError(
      'conflict',
      `The ${kind} "${id}" is at revision ${stored._rev}, not ${expectedRev}; read it again and repeat the change.`,
      { details: { field: 'expectedRev', value: expectedRev, id, current: item } },
    );
  }
  const fields = change(item);
  if (fields === undefined || isLeftAsItIs(stored, fields)) return item;
  await keepVersion(stores, database, stored);
  const changed = {
    ...stored,
    ...fields,
    updated_at: new Date().toISOString(),
    updated_by: actor.userId,
    previous_rev: stored._rev,
  };
  const { rev } = await stores.documents.put(database, changed);
  const revised = read({ ...changed, _rev: rev });
  if (!revised) throw new NexusError('internal', `The ${kind} "${id}" was changed to what cannot be read.`);
  return revised;
}

const isLeftAsItIs = (stored: StoredDocument, fields: Readonly<Record<string, unknown>> | undefined) =>
  fields === undefined ||
  Object.entries(fields).every(([name, value]) => isSameJson(stored[name] ?? null, value ?? null));
