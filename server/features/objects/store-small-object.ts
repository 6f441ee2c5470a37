import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { FreeJson } from '../contract.ts';
import type { StoredObject } from './contract.ts';
import { deleteUnusedObjectRows } from './delete-object.ts';
import { maxSmallBytes, type ObjectName, placeOf, refuseLongKey } from './layout.ts';
import { makeReady } from './make-ready.ts';
import { readContents } from './read-contents.ts';
import { enqueueRemoval, untilRemoved } from './removal.ts';
import { isSameBytes, keyIsTaken, type NewObject, reserveKey } from './reserve-key.ts';
import {
  claimObject,
  deleteClaimed,
  findObject,
  type ObjectRow,
  objectPrefixOf,
  releaseClaim,
  toStoredObject,
} from './store.ts';

/** When the row of a server that died in the middle may be swept; storing 16 MiB takes far less. */
const lifeMs = 600_000;
const pollMs = 50;
const maxPolls = 100;

export type SmallObject = ObjectName & {
  bytes: Buffer;
  contentType: string;
  metadata?: FreeJson | undefined;
};

/** The row reserved for the bytes; `isNew` where this call made it. */
type Reserved = { row: ObjectRow; isNew: boolean; prefix: string };

/**
 * Stores at most 16 MiB that this server has in memory and answers the ready object. The same bytes at the same key are
 * answered as they are. A server that dies in the middle leaves a pending row, which is swept with its bytes. Throws
 * `conflict` where the key has other bytes, `too_large`, `invalid_input`.
 */
export function storeSmallObject(stores: Stores, actor: Actor, small: SmallObject): Promise<StoredObject> {
  return storeSmallObjectWith(stores, actor, small, async (_tx, object) => object);
}

/**
 * The same, and records in the transaction that turns the object to ready what it was stored for: neither is there
 * without the other. Where `record` throws, the object is removed again. With `isFreshOnly`, equal bytes at the key are a
 * `conflict` too.
 */
export async function storeSmallObjectWith<Result>(
  stores: Stores,
  actor: Actor,
  small: SmallObject,
  record: (tx: Transaction, object: StoredObject) => Promise<Result>,
  options: { isFreshOnly?: boolean } = {},
): Promise<Result> {
  const object = describe(small);
  const prefix = await objectPrefixOf(stores.db, actor);
  refuseLongKey(prefix + object.key, stores.objects.maxKeyBytes);
  const expiresAt = new Date(Date.now() + lifeMs);
  const { row, isNew } = await stores.db.transaction((tx) =>
    reserveKey(tx, actor, object, { prefix, expiresAt, isClaimed: true }),
  );
  if (isNew && row.status === 'ready') return recordShared(stores, actor, row, record);
  if (isNew) return storeReserved(stores, actor, small.bytes, { row, isNew, prefix }, record);

  if (options.isFreshOnly || !isSameBytes(row, object)) throw keyIsTaken(row);
  if (row.status === 'ready') return stores.db.transaction((tx) => record(tx, toStoredObject(row)));
  const taken = await takeOver(stores, actor, row);
  if (taken.status === 'ready') return stores.db.transaction((tx) => record(tx, toStoredObject(taken)));
  return storeReserved(stores, actor, small.bytes, { row: taken, isNew, prefix }, record);
}

/** Claims an upload of the same bytes, or waits, 5 s at most, for the call that is storing them: the same one, come twice. */
async function takeOver(stores: Stores, actor: Actor, row: ObjectRow): Promise<ObjectRow> {
  for (let poll = 0; poll < maxPolls; poll += 1) {
    const claimed = await claimObject(stores.db, actor, row.id);
    if (claimed) return claimed;
    const there = await findObject(stores.db, actor, row.id);
    if (there?.status === 'ready') return there;
    if (!there) {
      throw new NexusError('unavailable', `Another call that stored ${row.key} failed; try again.`, {
        details: { bucket: row.bucket, key: row.key },
      });
    }
    await wait(pollMs);
  }
  throw keyIsTaken(row);
}

/** Records an object whose bytes the workspace has already; removes the row made by this call where `record` is refused. */
async function recordShared<Result>(
  stores: Stores,
  actor: Actor,
  row: ObjectRow,
  record: (tx: Transaction, object: StoredObject) => Promise<Result>,
): Promise<Result> {
  try {
    return await stores.db.transaction((tx) => record(tx, toStoredObject(row)));
  } catch (error) {
    await stores.db
      .transaction((tx) => deleteUnusedObjectRows(tx, actor, [row.id]))
      .catch((problem: unknown) => {
        stores.log.warn({ err: problem, object: row.id }, 'An object that nothing needs could not be deleted again.');
      });
    throw error;
  }
}

function describe(small: SmallObject): NewObject {
  const sizeBytes = small.bytes.length;
  const place = placeOf(small);
  if (sizeBytes > maxSmallBytes) {
    throw new NexusError(
      'too_large',
      `${place.key} has ${sizeBytes} bytes; at most ${maxSmallBytes} go through the server. Use objects.begin for more.`,
      { details: { sizeBytes, maxBytes: maxSmallBytes } },
    );
  }
  return {
    ...place,
    kind: small.kind,
    sizeBytes,
    sha256: createHash('sha256').update(small.bytes).digest('hex'),
    contentType: small.contentType,
    metadata: small.metadata ?? {},
    partsSha256: null,
  };
}

async function storeReserved<Result>(
  stores: Stores,
  actor: Actor,
  bytes: Buffer,
  reserved: Reserved,
  record: (tx: Transaction, object: StoredObject) => Promise<Result>,
): Promise<Result> {
  const { row, prefix } = reserved;
  try {
    const key = prefix + row.storedKey;
    await untilRemoved(stores, row.storedBucket, key);
    await stores.objects.put(row.storedBucket, key, bytes, row.contentType);
    const contents = await readContents(stores, row, prefix);
    const result = await stores.db.transaction(async (tx) => {
      const ready = await makeReady(tx, actor, row, { prefix, contents, sha256: row.sha256, partsSha256: null });
      if (!ready) {
        throw new NexusError('conflict', `Storing ${row.key} took so long that it was given up; try again.`, {
          details: { id: row.id, key: row.key },
        });
      }
      return record(tx, toStoredObject(ready));
    });
    stores.wakeRelay();
    return result;
  } catch (error) {
    await undo(stores, actor, reserved);
    throw error;
  }
}

/** Removes the row that this call made; an upload that it met, of the same bytes, goes on. */
async function undo(stores: Stores, actor: Actor, { row, isNew, prefix }: Reserved): Promise<void> {
  try {
    if (!isNew) return await releaseClaim(stores.db, row);
    await stores.db.transaction(async (tx) => {
      if (await deleteClaimed(tx, row)) await enqueueRemoval(tx, { row, prefix }, actor.userId);
    });
    stores.wakeRelay();
  } catch (error) {
    stores.log.warn({ err: error, object: row.id }, 'An object that could not be stored is left to the sweep.');
  }
}
