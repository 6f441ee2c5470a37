import { z } from 'zod';
import { NexusError } from '../errors.ts';
import type { DocumentStore, StoredDocument } from '../stores/documents.ts';
import type { Stores } from '../stores/stores.ts';

/** A kind of effect: what its payload is, and how it is applied. Appliers are idempotent, for an effect may come twice. */
function effect<Payload>(payload: z.ZodType<Payload>, apply: (stores: Stores, payload: Payload) => Promise<unknown>) {
  return { payload, apply: (stores: Stores, stored: unknown) => apply(stores, payload.parse(stored)) };
}

/** Thrown by an applier that did a part: what is left of the payload takes its place when it is tried again. */
export class PartlyDone extends NexusError {
  readonly rest: unknown;
  constructor(message: string, rest: unknown) {
    super('unavailable', message);
    this.rest = rest;
  }
}

/** Every kind, versioned by its name: a server may meet effects that an older one decided. */
export const effects = {
  'objects.remove.v1': effect(
    z.object({ bucket: z.string(), keys: z.array(z.string()).min(1).max(1000) }),
    async (stores, { bucket, keys }) => {
      const failures = await stores.objects.remove(bucket, keys);
      const [first] = failures;
      if (!first) return;
      throw new PartlyDone(
        `The object store could not remove ${failures.length} of ${keys.length} objects of ${bucket}; ${first.key}: ${first.code}.`,
        { bucket, keys: failures.map(({ key }) => key) },
      );
    },
  ),
  'objects.abort-upload.v1': effect(
    z.object({ bucket: z.string(), key: z.string(), uploadId: z.string() }),
    (stores, { bucket, key, uploadId }) => stores.objects.abortMultipart(bucket, key, uploadId),
  ),
  /** Every multipart upload of the key; nobody begins one there before this is applied. */
  'objects.abort-uploads.v1': effect(
    z.object({ bucket: z.string(), key: z.string() }),
    async (stores, { bucket, key }) => {
      const uploadIds = await stores.objects.listUploads(bucket, key);
      for (const uploadId of uploadIds) await stores.objects.abortMultipart(bucket, key, uploadId);
    },
  ),
  'documents.put.v1': effect(
    z.object({ database: z.string(), document: z.looseObject({ _id: z.string() }) }),
    (stores, { database, document }) => stores.documents.put(database, document),
  ),
  'documents.remove.v1': effect(
    z.object({ database: z.string(), ids: z.array(z.string()).min(1).max(1000) }),
    async (stores, { database, ids }) => {
      for (const id of ids) await stores.documents.remove(database, id);
    },
  ),
  /** Leaves a document that somebody wrote under the same id after it was removed. */
  'documents.remove-revision.v1': effect(
    z.object({ database: z.string(), id: z.string(), revision: z.string() }),
    (stores, { database, id, revision }) => stores.documents.remove(database, id, revision),
  ),
  /**
   * Removes every document whose row in the view begins with `key`, those too that come while it works; before each, its
   * parts, which are the documents of `partsDatabase` (one or several) whose ids begin with its own and ':'.
   */
  'documents.remove-by-key.v1': effect(
    z.object({
      database: z.string(),
      design: z.string(),
      view: z.string(),
      key: z.array(z.union([z.string(), z.number()])).min(1),
      partsDatabase: z.union([z.string(), z.array(z.string())]).optional(),
    }),
    async ({ documents }, { database, design, view, key, partsDatabase }) => {
      const range = { startKey: key, endKey: [...key, {}], limit: removalBatch };
      const next = async () => (await documents.view(database, design, view, range)).flatMap(({ doc }) => doc ?? []);
      await removeAll(documents, database, next, async ({ _id }) => {
        // CouchDB orders ids by their bytes: ';' is the one after ':'.
        const parts = { startKey: `${_id}:`, endKey: `${_id};`, limit: removalBatch };
        for (const one of [partsDatabase ?? []].flat())
          await removeAll(documents, one, () => documents.range(one, parts));
      });
    },
  ),
};

const removalBatch = 200;
/** Batches in a row in which nothing could be removed, because others changed the documents in between. */
const maxFruitless = 5;

/** Removes batch after batch until there is none. */
async function removeAll(
  documents: DocumentStore,
  database: string,
  next: () => Promise<StoredDocument[]>,
  before: (document: StoredDocument) => Promise<void> = async () => undefined,
): Promise<void> {
  for (let fruitless = 0; fruitless < maxFruitless; ) {
    const found = await next();
    if (found.length === 0) return;
    for (const document of found) await before(document);
    const removals = found.map(({ _id, _rev }) => ({ _id, _rev, _deleted: true }));
    const results = await documents.bulk(database, removals);
    fruitless = results.some((result) => 'rev' in result) ? 0 : fruitless + 1;
  }
  throw new Error(`The documents of ${database} change faster than they can be removed.`);
}

export type EffectKind = keyof typeof effects;
export type EffectPayload<Kind extends EffectKind> = z.infer<(typeof effects)[Kind]['payload']>;

const isKind = (kind: string): kind is EffectKind => Object.hasOwn(effects, kind);

/** Applies one stored effect. Throws where its kind is unknown, its payload is off, or its store refuses. */
export async function applyEffect(stores: Stores, kind: string, payload: unknown): Promise<void> {
  if (!isKind(kind)) throw new Error(`No effect of the kind ${kind} is known to this version of the server.`);
  await effects[kind].apply(stores, payload);
}
