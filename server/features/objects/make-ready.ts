import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { ObjectContents } from './contract.ts';
import { stagingKeyOf } from './layout.ts';
import { enqueueKeyRemoval } from './removal.ts';
import { type Hashes, lockBytes, lockTwin, type ObjectRow, readyClaimed } from './store.ts';

/**
 * Turns a claimed row whose bytes were checked to ready, with the hashes that were found, and decides the removal of what was
 * staged for it. Where the same bytes came to be ready in the meantime, the row shares those and its own go. Undefined where
 * the claim ran out.
 */
export async function makeReady(
  tx: Transaction,
  actor: Actor,
  row: ObjectRow,
  found: Hashes & { prefix: string; contents: ObjectContents | null },
): Promise<ObjectRow | undefined> {
  const { sizeBytes } = row;
  const { sha256, partsSha256, contents } = found;
  // Objects checked in parts are identified by the hash of their parts: the whole hash of either may be unknown.
  const identity = partsSha256 === null ? { sha256, partsSha256 } : { sha256: null, partsSha256 };
  await lockBytes(tx, row.workspaceId, partsSha256 ?? sha256 ?? '');
  const twin = await lockTwin(tx, actor, { ...identity, sizeBytes });
  const place = twin && { storedBucket: twin.storedBucket, storedKey: twin.storedKey };
  const ready = await readyClaimed(tx, row, {
    sha256: sha256 ?? twin?.sha256 ?? null,
    partsSha256,
    contents,
    ...place,
  });
  if (!ready) return undefined;
  if (row.partSizeBytes === null) await enqueueKeyRemoval(tx, row, stagingKeyOf(row.id));
  const isMoved = twin && (twin.storedBucket !== row.storedBucket || twin.storedKey !== row.storedKey);
  if (isMoved) await enqueueKeyRemoval(tx, row, found.prefix + row.storedKey);
  return ready;
}
