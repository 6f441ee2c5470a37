import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { UploadedPartInfo } from '../../stores/objects.ts';
import type { Stores } from '../../stores/stores.ts';
import type { UploadPart, UploadParts, UploadPartsInput } from './contract.ts';
import { requireObject } from './get-object.ts';
import { type ObjectRow, objectPrefixOf, selectPartHashes } from './store.ts';

/** A part has as long as this to begin to arrive. */
export const partUrlSeconds = 43_200;

export const partCountOf = (row: ObjectRow) => Math.ceil(row.sizeBytes / (row.partSizeBytes ?? row.sizeBytes));

/** How many bytes a part must have. */
export function partBytesOf(row: ObjectRow, partNumber: number): number {
  const partSizeBytes = row.partSizeBytes ?? row.sizeBytes;
  return partNumber < partCountOf(row) ? partSizeBytes : row.sizeBytes - (partCountOf(row) - 1) * partSizeBytes;
}

/** Presigned URLs of the parts `from` to `to`, with what of them is there already. */
export async function presignParts(
  stores: Stores,
  row: ObjectRow,
  prefix: string,
  { from, to, there = [] }: { from: number; to: number; there?: readonly UploadedPartInfo[] },
): Promise<UploadPart[]> {
  const { storedBucket, storedKey, uploadId } = row;
  if (uploadId === null) throw new Error('Parts were asked for before their upload was opened.');
  const { objects } = stores;
  const sha256s = row.partsSha256 === null ? [] : await selectPartHashes(stores.db, row, from, to);
  const known = new Map(there.map(({ partNumber, etag, sizeBytes }) => [partNumber, { etag, sizeBytes }]));
  const partNumbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  return Promise.all(
    partNumbers.map(async (partNumber) => {
      const sizeBytes = partBytesOf(row, partNumber);
      const body = objects.checksBodies ? { sizeBytes, sha256: sha256s[partNumber - from] } : undefined;
      const part = { uploadId, partNumber };
      const presigned = await objects.presignPart(storedBucket, prefix + storedKey, part, partUrlSeconds, body);
      return { partNumber, ...presigned, ...known.get(partNumber) };
    }),
  );
}

/**
 * Parts of an upload in their order, with fresh URLs; those that have arrived say their ETag and size, and need not be
 * sent again. Throws `not_found`, and `precondition_failed` for an object that is ready or goes in one PUT.
 */
export async function listParts(
  stores: Stores,
  actor: Actor,
  { id, fromPartNumber, limit }: UploadPartsInput,
): Promise<UploadParts> {
  const row = await requireObject(stores.db, actor, id);
  if (row.status === 'ready' || row.partSizeBytes === null || row.uploadId === null) {
    const state = row.status === 'ready' ? 'is ready' : 'is not sent in parts that have URLs yet';
    throw new NexusError('precondition_failed', `Object ${id} ${state}; call begin with the same values to go on.`, {
      details: { id, status: row.status },
    });
  }
  const prefix = await objectPrefixOf(stores.db, actor);
  const there = await findParts(stores, row, prefix);
  if (!there) throw uploadIsGone(row);
  const partCount = partCountOf(row);
  const to = Math.min(partCount, fromPartNumber + limit - 1);
  return {
    partSizeBytes: row.partSizeBytes,
    partCount,
    parts: await presignParts(stores, row, prefix, { from: fromPartNumber, to, there }),
    nextPartNumber: to < partCount ? to + 1 : null,
    expiresAt: new Date(Date.now() + partUrlSeconds * 1000),
  };
}

/** The parts that have arrived; undefined where the store knows the upload no longer. */
export async function findParts(
  stores: Stores,
  row: ObjectRow,
  prefix: string,
): Promise<UploadedPartInfo[] | undefined> {
  if (row.uploadId === null) return undefined;
  try {
    return await stores.objects.listParts(row.storedBucket, prefix + row.storedKey, row.uploadId);
  } catch (error) {
    if (error instanceof NexusError && error.reason === 'not_found') return undefined;
    throw error;
  }
}

export function uploadIsGone(row: ObjectRow): NexusError {
  return new NexusError(
    'precondition_failed',
    `The object store no longer has the upload of ${row.key}; abort object ${row.id} and begin again.`,
    { details: { id: row.id, key: row.key } },
  );
}
