import { z } from 'zod';
import type { Stores } from '../stores/stores.ts';

/** A kind of effect: what its payload is, and how it is applied. Appliers are idempotent, for an effect may come twice. */
function effect<Payload>(payload: z.ZodType<Payload>, apply: (stores: Stores, payload: Payload) => Promise<unknown>) {
  return { payload, apply: (stores: Stores, stored: unknown) => apply(stores, payload.parse(stored)) };
}

/** Every kind, versioned by its name: a server may meet effects that an older one decided. */
export const effects = {
  'objects.remove.v1': effect(
    z.object({ bucket: z.string(), keys: z.array(z.string()).min(1).max(1000) }),
    (stores, { bucket, keys }) => stores.objects.remove(bucket, keys),
  ),
  'objects.abort-upload.v1': effect(
    z.object({ bucket: z.string(), key: z.string(), uploadId: z.string() }),
    (stores, { bucket, key, uploadId }) => stores.objects.abortMultipart(bucket, key, uploadId),
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
};

export type EffectKind = keyof typeof effects;
export type EffectPayload<Kind extends EffectKind> = z.infer<(typeof effects)[Kind]['payload']>;

const isKind = (kind: string): kind is EffectKind => Object.hasOwn(effects, kind);

/** Applies one stored effect. Throws where its kind is unknown, its payload is off, or its store refuses. */
export async function applyEffect(stores: Stores, kind: string, payload: unknown): Promise<void> {
  if (!isKind(kind)) throw new Error(`No effect of the kind ${kind} is known to this version of the server.`);
  await effects[kind].apply(stores, payload);
}
