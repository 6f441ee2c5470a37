import { NexusError } from '../../errors.ts';
import type { UploadedPartInfo } from '../../stores/objects.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import type { UploadPart, UploadParts, UploadPartsInput } from './contract.ts';
import { requireObject } from './get-object.ts';
import { type ObjectRow, objectPrefixOf } from './store.ts';

/** A part has as long as this to begin to arrive. */
export const partUrlSeconds = 43_200;

export const partCountOf = (row: ObjectRow) => Math.ceil(row.sizeBytes / (row.partSizeBytes ?? row.sizeBytes));

/** Presigned URLs of the parts `from` to `to`, with what of them is there already. */
export function presignParts(
  stores: Stores,
  row: ObjectRow,
  prefix: string,
  { from, to, there = [] }: { from: number; to: number; there?: readonly UploadedPartInfo[] },
): Promise<UploadPart[]> {
  const { bucket, key, uploadId } = row;
  if (uploadId === null) throw new Error('Parts were asked for before their upload was opened.');
  const known = new Map(there.map(({ partNumber, etag, sizeBytes }) => [partNumber, { etag, sizeBytes }]));
  const partNumbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  return Promise.all(
    partNumbers.map(async (partNumber) => ({
      partNumber,
      url: await stores.objects.presignPart(bucket, prefix + key, uploadId, partNumber, partUrlSeconds),
      ...known.get(partNumber),
    })),
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
    return await stores.objects.listParts(row.bucket, prefix + row.key, row.uploadId);
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
