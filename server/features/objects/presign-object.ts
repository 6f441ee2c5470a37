import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { PresignedUrl, PresignObjectInput } from './contract.ts';
import { readyOnly, requireObject } from './get-object.ts';
import { findObjectAt, type ObjectRow, objectPrefixOf } from './store.ts';

/**
 * A URL that reads a ready object without a credential, for 1 s to seven days. The object is named by its id, or by
 * bucket and key. Throws `not_found`, and `precondition_failed` for a pending one.
 */
export async function presignObject(stores: Stores, actor: Actor, input: PresignObjectInput): Promise<PresignedUrl> {
  const row = readyOnly(await requireNamed(stores, actor, input));
  return presignReady(stores, actor, row, input);
}

async function requireNamed(stores: Stores, actor: Actor, { id, bucket, key }: PresignObjectInput): Promise<ObjectRow> {
  if (id !== undefined || bucket === undefined || key === undefined) return requireObject(stores.db, actor, id ?? '');
  const row = await findObjectAt(stores.db, actor, { bucket, key });
  if (!row) throw notFound('object', `${bucket}/${key}`);
  return row;
}

/** The same for a row that is known to be ready. */
export async function presignReady(
  stores: Stores,
  actor: Actor,
  row: ObjectRow,
  { expirySeconds, fileName }: { expirySeconds: number; fileName?: string | undefined },
): Promise<PresignedUrl> {
  const prefix = await objectPrefixOf(stores.db, actor);
  // Before it is signed, so that it never promises more than the signature does.
  const expiresAt = new Date(Date.now() + expirySeconds * 1000);
  const { storedBucket, storedKey, contentType } = row;
  const url = await stores.objects.presignGet(storedBucket, prefix + storedKey, expirySeconds, {
    fileName,
    contentType,
  });
  return { url, expiresAt };
}
