import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { UploadedPartInfo } from '../../stores/objects.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { ObjectContents, ObjectInput, StoredObject } from './contract.ts';
import { requireObject } from './get-object.ts';
import { hashObject, hashOfHashes } from './hash-object.ts';
import { stagingKeyOf } from './layout.ts';
import { findParts, partBytesOf, partCountOf, uploadIsGone } from './list-parts.ts';
import { makeReady } from './make-ready.ts';
import { CorruptContents, readContents } from './read-contents.ts';
import { enqueueRemoval, untilRemoved } from './removal.ts';
import {
  type Bytes,
  claimObject,
  deleteClaimed,
  noteHashes,
  type ObjectRow,
  objectPrefixOf,
  releaseClaim,
  renewClaim,
  toStoredObject,
} from './store.ts';

const renewalMs = 30_000;
const namedParts = 100;

/** The row as the claim of this call has it; it moves on as the claim is renewed. */
type Claim = { row: ObjectRow; isLost: boolean };
/**
 * Ends an upload: puts the object together at its key, makes sure that its size and hashes are those that `begin` declared,
 * reads what is in it where its name promises a format, and turns it to ready. The store's own checksums are believed where
 * it checks them; for what they do not tell, which is the whole of an object in parts, the object is read once, in flat
 * memory. Where something differs, object and bytes are gone and `precondition_failed` says what; where bytes or parts are
 * missing it throws `precondition_failed` and the upload goes on. For a ready object it answers that. Of two calls at once,
 * one throws `conflict` or answers the ready object. Throws `not_found`.
 */
export async function completeUpload(stores: Stores, actor: Actor, { id }: ObjectInput): Promise<StoredObject> {
  const claimed = await claimObject(stores.db, actor, id);
  if (!claimed) return answerOther(stores, actor, id);
  const claim: Claim = { row: claimed, isLost: false };
  const renewing = keepClaim(stores, claim);
  try {
    const prefix = await objectPrefixOf(stores.db, actor);
    const found = await gather(stores, claim, prefix);
    refuseOtherBytes(claimed, found);
    const contents = await readContents(stores, claimed, prefix);
    await renewing.stop();
    return await finish(stores, actor, claim, { ...found, prefix, contents });
  } catch (error) {
    await renewing.stop();
    if (error instanceof NexusError && isOver(error)) await discard(stores, actor, claim);
    else await release(stores, claim);
    throw error;
  }
}

/** Renews the claim while the store works: it may put parts together for minutes without a word. */
function keepClaim(stores: Stores, claim: Claim): { stop: () => Promise<void> } {
  let work = Promise.resolve();
  const renewOnce = async () => {
    const renewed = await renewClaim(stores.db, claim.row);
    if (renewed) claim.row = renewed;
    else claim.isLost = true;
  };
  const timer = setInterval(() => {
    work = work.then(renewOnce).catch((problem: unknown) => {
      stores.log.warn({ err: problem, object: claim.row.id }, 'A claim could not be renewed; it is tried again.');
    });
  }, renewalMs);
  return {
    async stop() {
      clearInterval(timer);
      await work;
    },
  };
}

async function release(stores: Stores, claim: Claim): Promise<void> {
  await releaseClaim(stores.db, claim.row).catch((problem: unknown) => {
    stores.log.warn({ err: problem, object: claim.row.id }, 'A claim could not be given back; it runs out by itself.');
  });
}

async function answerOther(stores: Stores, actor: Actor, id: string): Promise<StoredObject> {
  const row = await requireObject(stores.db, actor, id);
  if (row.status === 'ready') return toStoredObject(row);
  throw new NexusError('conflict', `Another call is completing object ${id}; get it until its status is ready.`, {
    details: { id, status: row.status },
  });
}

/** The bytes that arrived, with the hashes that were checked. */
async function gather(stores: Stores, claim: Claim, prefix: string): Promise<Bytes> {
  const { row } = claim;
  const known =
    row.partSizeBytes === null ? await gatherPut(stores, claim, prefix) : await gatherParts(stores, claim, prefix);
  if (known) return known;
  const key = prefix + row.storedKey;
  const stat = await stores.objects.find(row.storedBucket, key);
  if (!stat) throw uploadIsGone(row);
  if (stat.sizeBytes !== row.sizeBytes) return unread(stat.sizeBytes);
  return hashObject(stores, row.storedBucket, key, row.sizeBytes, () => {
    if (claim.isLost) throw claimIsLost(row);
  });
}

/** The size alone tells that it is to be refused. */
const unread = (sizeBytes: number): Bytes => ({ sizeBytes, sha256: null, partsSha256: null });

/** Copies what arrived from where a PUT may still change it to the object's own place. Undefined: it is to be read. */
async function gatherPut(stores: Stores, claim: Claim, prefix: string): Promise<Bytes | undefined> {
  const { row } = claim;
  const { storedBucket: bucket } = row;
  const key = prefix + row.storedKey;
  const staged = await stores.objects.find(bucket, stagingKeyOf(row.id));
  if (!staged) {
    // A server that stored bytes of its own, and died before it could say so, left them at the key itself.
    if (await stores.objects.find(bucket, key)) return undefined;
    throw new NexusError(
      'precondition_failed',
      `No bytes of ${row.key} have arrived; PUT them to the URL, then complete.`,
      { details: { id: row.id, key: row.key } },
    );
  }
  if (staged.sizeBytes !== row.sizeBytes) return unread(staged.sizeBytes);
  await untilRemoved(stores, bucket, key);
  await renew(stores, claim);
  await stores.objects.copy(bucket, stagingKeyOf(row.id), key, row.contentType);
  // The store checked it, and the URL was good for these bytes alone, so that the copy has no others.
  const isChecked = stores.objects.checksBodies && staged.sha256 === row.sha256;
  return isChecked ? { sizeBytes: staged.sizeBytes, sha256: row.sha256, partsSha256: null } : undefined;
}

async function gatherParts(stores: Stores, claim: Claim, prefix: string): Promise<Bytes | undefined> {
  const { row } = claim;
  const { storedBucket: bucket } = row;
  const key = prefix + row.storedKey;
  const there = await findParts(stores, row, prefix);
  // Put together by an earlier call that did not come to its end.
  if (!there && (await stores.objects.find(bucket, key))) return undefined;
  if (!there || row.uploadId === null) throw uploadIsGone(row);
  const partCount = partCountOf(row);
  const byNumber = new Map(there.map((part) => [part.partNumber, part]));
  const missing: number[] = [];
  for (let number = 1; number <= partCount; number += 1) {
    if (byNumber.get(number)?.sizeBytes !== partBytesOf(row, number)) missing.push(number);
  }
  if (missing.length > 0) throw partsAreMissing(row, partCount, missing);
  await untilRemoved(stores, bucket, key);
  await renew(stores, claim);
  const parts = there.filter((part) => part.partNumber <= partCount).sort((a, b) => a.partNumber - b.partNumber);
  await stores.objects.completeMultipart(bucket, key, row.uploadId, parts);
  const { sizeBytes, sha256, partsSha256 } = row;
  // The parts' checksums prove their bytes, but not that a whole SHA-256 is that of all of them.
  const isChecked = stores.objects.checksBodies && sha256 === null && partsSha256 === partsSha256Of(parts);
  return isChecked ? { sizeBytes, sha256, partsSha256 } : undefined;
}

/** Undefined where a part came without a checksum. */
function partsSha256Of(parts: readonly UploadedPartInfo[]): string | undefined {
  const sha256s = parts.flatMap(({ sha256 }) => sha256 ?? []);
  return sha256s.length === parts.length ? hashOfHashes(sha256s) : undefined;
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
    { details: { id: row.id } },
  );

async function finish(
  stores: Stores,
  actor: Actor,
  claim: Claim,
  found: Bytes & { prefix: string; contents: ObjectContents | null },
): Promise<StoredObject> {
  const ready = await stores.db.transaction(async (tx) => {
    const row = await makeReady(tx, actor, claim.row, found);
    if (!row) throw claimIsLost(claim.row);
    await recordAudit(tx, actor, 'objects.complete', `object:${row.id}`, { bucket: row.bucket, key: row.key });
    return row;
  });
  stores.wakeRelay();
  if (ready.sha256 !== null && ready.partsSha256 !== null) await noteForSharers(stores, actor, ready);
  return toStoredObject(ready);
}

/** Objects of the same bytes whose whole nobody had computed know it from here on. */
async function noteForSharers(stores: Stores, actor: Actor, { id, sha256, partsSha256 }: ObjectRow): Promise<void> {
  await stores.db
    .transaction((tx) => noteHashes(tx, actor, id, { sha256, partsSha256 }))
    .catch((problem: unknown) => {
      stores.log.warn({ err: problem, object: id }, 'Objects of the same bytes go on without their whole SHA-256.');
    });
}

/** Ends an object whose bytes are not those that were declared. */
async function discard(stores: Stores, actor: Actor, claim: Claim): Promise<void> {
  const { row } = claim;
  await stores.db.transaction(async (tx) => {
    const prefix = await objectPrefixOf(tx, actor);
    if (!(await deleteClaimed(tx, row))) throw claimIsLost(row);
    await enqueueRemoval(tx, { row, prefix }, actor.userId);
    await recordAudit(tx, actor, 'objects.discard', `object:${row.id}`, { bucket: row.bucket, key: row.key });
  });
  stores.wakeRelay();
}

/** The bytes that arrived can never be those that were declared. */
class OtherBytes extends NexusError {}

const isOver = (error: NexusError) => error instanceof OtherBytes || error instanceof CorruptContents;

/** Throws where the bytes are not of the size, or of a hash, that was declared. */
function refuseOtherBytes(row: ObjectRow, found: Bytes): void {
  const [declared, arrived] = differenceOf(row, found) ?? [];
  if (declared === undefined) return;
  throw new OtherBytes(
    'precondition_failed',
    `${row.key} was declared with ${declared}, but has ${arrived}; it is removed. Begin it again.`,
    {
      details: {
        id: row.id,
        key: row.key,
        declaredSizeBytes: row.sizeBytes,
        foundSizeBytes: found.sizeBytes,
        ...(row.sha256 && { declaredSha256: row.sha256 }),
        ...(found.sha256 && { foundSha256: found.sha256 }),
        ...(row.partsSha256 && { declaredPartsSha256: row.partsSha256 }),
        ...(found.partsSha256 && { foundPartsSha256: found.partsSha256 }),
      },
    },
  );
}

function differenceOf(row: ObjectRow, found: Bytes): [declared: string, arrived: string] | undefined {
  if (found.sizeBytes !== row.sizeBytes) return [`${row.sizeBytes} bytes`, `${found.sizeBytes} bytes`];
  if (row.sha256 !== null && found.sha256 !== row.sha256) return [`the SHA-256 ${row.sha256}`, `${found.sha256}`];
  if (row.partsSha256 !== null && found.partsSha256 !== row.partsSha256)
    return [`parts of the SHA-256 ${row.partsSha256}`, `parts of ${found.partsSha256}`];
  return undefined;
}
