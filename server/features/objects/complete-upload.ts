import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import type { ObjectInput, StoredObject } from './contract.ts';
import { requireObject } from './get-object.ts';
import { hashObject } from './hash-object.ts';
import { stagingKeyOf } from './layout.ts';
import { findParts, partCountOf, uploadIsGone } from './list-parts.ts';
import { enqueueRemoval, enqueueStagingRemoval, untilRemoved } from './removal.ts';
import {
  claimObject,
  deleteClaimed,
  type ObjectRow,
  objectPrefixOf,
  readyClaimed,
  releaseClaim,
  renewClaim,
  toStoredObject,
} from './store.ts';

const renewalMs = 30_000;
const namedParts = 100;

/** The row as the claim of this call has it; `at` moves on as the claim is renewed. */
type Claim = { row: ObjectRow };
type Found = { sizeBytes: number; sha256?: string };

/**
 * Ends an upload: puts the object together at its key, reads it once to compare its size and SHA-256 with what `begin`
 * declared, and turns it to ready. Where they differ, object and bytes are gone and `precondition_failed` names both;
 * where bytes or parts are missing it throws `precondition_failed` and the upload goes on. For a ready object it
 * answers that. Of two calls at once, one throws `conflict` or answers the ready object. Throws `not_found`.
 */
export async function completeUpload(stores: Stores, actor: Actor, { id }: ObjectInput): Promise<StoredObject> {
  const claimed = await claimObject(stores.db, actor, id);
  if (!claimed) return answerOther(stores, actor, id);
  const claim: Claim = { row: claimed };
  try {
    const prefix = await objectPrefixOf(stores.db, actor);
    const found = await gather(stores, claim, prefix);
    const { sizeBytes, sha256 } = claimed;
    if (found.sizeBytes !== sizeBytes || found.sha256 !== sha256)
      throw await discard(stores, actor, claim, prefix, found);
    return await finish(stores, actor, claim, prefix);
  } catch (error) {
    await releaseClaim(stores.db, claim.row).catch((problem: unknown) => {
      stores.log.warn({ err: problem, object: id }, 'A claim could not be given back; it runs out by itself.');
    });
    throw error;
  }
}

async function answerOther(stores: Stores, actor: Actor, id: string): Promise<StoredObject> {
  const row = await requireObject(stores.db, actor, id);
  if (row.status === 'ready') return toStoredObject(row);
  throw new NexusError('conflict', `Another call is completing object ${id}; get it until its status is ready.`, {
    details: { id, status: row.status },
  });
}

async function gather(stores: Stores, claim: Claim, prefix: string): Promise<Found> {
  const { row } = claim;
  const key = prefix + row.key;
  const wrongSize =
    row.partSizeBytes === null ? await gatherPut(stores, claim, prefix) : await gatherParts(stores, claim, prefix);
  if (wrongSize) return wrongSize;
  const stat = await stores.objects.find(row.bucket, key);
  if (!stat) throw uploadIsGone(row);
  if (stat.sizeBytes !== row.sizeBytes) return { sizeBytes: stat.sizeBytes };
  let renewedAt = Date.now();
  return hashObject(stores, row.bucket, key, async () => {
    if (Date.now() - renewedAt < renewalMs) return;
    renewedAt = Date.now();
    await renew(stores, claim);
  });
}

/** Copies what arrived from where a PUT may still change it to the object's own key. */
async function gatherPut(stores: Stores, claim: Claim, prefix: string): Promise<Found | undefined> {
  const { row } = claim;
  const key = prefix + row.key;
  const staged = await stores.objects.find(row.bucket, stagingKeyOf(prefix, row.id));
  if (!staged) {
    // A server that stored bytes of its own, and died before it could say so, left them at the key itself.
    if (await stores.objects.find(row.bucket, key)) return undefined;
    throw new NexusError(
      'precondition_failed',
      `No bytes of ${row.key} have arrived; PUT them to the URL, then complete.`,
      {
        details: { id: row.id, key: row.key },
      },
    );
  }
  if (staged.sizeBytes !== row.sizeBytes) return { sizeBytes: staged.sizeBytes };
  await untilRemoved(stores, row.bucket, key);
  await renew(stores, claim);
  await stores.objects.copy(row.bucket, stagingKeyOf(prefix, row.id), key, row.contentType);
  return undefined;
}

async function gatherParts(stores: Stores, claim: Claim, prefix: string): Promise<undefined> {
  const { row } = claim;
  const key = prefix + row.key;
  const there = await findParts(stores, row, prefix);
  // Put together by an earlier call that did not come to its end.
  if (!there && (await stores.objects.find(row.bucket, key))) return undefined;
  if (!there || row.uploadId === null) throw uploadIsGone(row);
  const partCount = partCountOf(row);
  const bySize = new Map(there.map((part) => [part.partNumber, part]));
  const expectedBytes = (number: number) =>
    number < partCount ? (row.partSizeBytes ?? 0) : row.sizeBytes - (partCount - 1) * (row.partSizeBytes ?? 0);
  const missing: number[] = [];
  for (let number = 1; number <= partCount; number += 1) {
    if (bySize.get(number)?.sizeBytes !== expectedBytes(number)) missing.push(number);
  }
  if (missing.length > 0) throw partsAreMissing(row, partCount, missing);
  await untilRemoved(stores, row.bucket, key);
  await renew(stores, claim);
  const parts = there.filter((part) => part.partNumber <= partCount).sort((a, b) => a.partNumber - b.partNumber);
  await stores.objects.completeMultipart(row.bucket, key, row.uploadId, parts);
  return undefined;
}

function partsAreMissing(row: ObjectRow, partCount: number, missing: readonly number[]): NexusError {
  const named = missing.slice(0, 10).join(', ') + (missing.length > 10 ? ' …' : '');
  return new NexusError(
    'precondition_failed',
    `${missing.length} of ${partCount} parts of ${row.key} are missing or have the wrong size: ${named}. Send them, then complete.`,
    {
      details: {
        id: row.id,
        partCount,
        missingPartCount: missing.length,
        missingPartNumbers: missing.slice(0, namedParts),
      },
    },
  );
}

async function renew(stores: Stores, claim: Claim): Promise<void> {
  const renewed = await renewClaim(stores.db, claim.row);
  if (!renewed) throw claimIsLost(claim.row);
  claim.row = renewed;
}

const claimIsLost = (row: ObjectRow) =>
  new NexusError(
    'conflict',
    `Another call took over the upload of ${row.key}; get object ${row.id} to see its state.`,
    {
      details: { id: row.id },
    },
  );

async function finish(stores: Stores, actor: Actor, claim: Claim, prefix: string): Promise<StoredObject> {
  const ready = await stores.db.transaction(async (tx) => {
    const row = await readyClaimed(tx, claim.row);
    if (!row) throw claimIsLost(claim.row);
    if (row.partSizeBytes === null) await enqueueStagingRemoval(tx, row, prefix);
    await recordAudit(tx, actor, 'objects.complete', `object:${row.id}`, { bucket: row.bucket, key: row.key });
    return row;
  });
  stores.wakeRelay();
  return toStoredObject(ready);
}

/** Ends an object whose bytes are not those that were declared, and says so. */
async function discard(stores: Stores, actor: Actor, claim: Claim, prefix: string, found: Found): Promise<NexusError> {
  const { row } = claim;
  await stores.db.transaction(async (tx) => {
    if (!(await deleteClaimed(tx, row))) throw claimIsLost(row);
    await enqueueRemoval(tx, row, prefix, actor.userId);
    await recordAudit(tx, actor, 'objects.discard', `object:${row.id}`, { bucket: row.bucket, key: row.key });
  });
  stores.wakeRelay();
  const [declared, arrived] =
    found.sizeBytes === row.sizeBytes
      ? [`the SHA-256 ${row.sha256}`, found.sha256]
      : [`${row.sizeBytes} bytes`, `${found.sizeBytes} bytes`];
  return new NexusError(
    'precondition_failed',
    `${row.key} was declared with ${declared}, but has ${arrived}; it is removed. Begin it again.`,
    {
      details: {
        id: row.id,
        key: row.key,
        declaredSizeBytes: row.sizeBytes,
        foundSizeBytes: found.sizeBytes,
        declaredSha256: row.sha256,
        ...(found.sha256 && { foundSha256: found.sha256 }),
      },
    },
  );
}
