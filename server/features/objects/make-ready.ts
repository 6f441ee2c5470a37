import type { Transaction } from '../../stores/postgres.ts';
import type { Actor } from '../actor.ts';
import type { ObjectContents } from './contract.ts';
import { stagingKeyOf } from './layout.ts';
import { enqueueKeyRemoval } from './removal.ts';
import { lockBytes, lockTwin, type ObjectRow, readyClaimed } from './store.ts';

/**
 * Turns a claimed row whose bytes were checked to ready, and decides the removal of what was staged for it. Where the same
 * bytes came to be ready in the meantime, the row shares those and its own go. Undefined where the claim ran out.
 */
export async function makeReady(
  tx: Transaction,
  actor: Actor,
  row: ObjectRow,
  found: { prefix: string; contents: ObjectContents | null; isWholeChecked: boolean },
): Promise<ObjectRow | undefined> {
  await lockBytes(tx, row);
  const partsSha256 = found.isWholeChecked ? null : row.partsSha256;
  const twin = await lockTwin(tx, actor, { ...row, partsSha256 });
  const place = twin && { storedBucket: twin.storedBucket, storedKey: twin.storedKey };
  const ready = await readyClaimed(tx, row, { contents: found.contents, partsSha256, ...place });
  if (!ready) return undefined;
  if (row.partSizeBytes === null) await enqueueKeyRemoval(tx, row, stagingKeyOf(row.id));
  const isMoved = twin && (twin.storedBucket !== row.storedBucket || twin.storedKey !== row.storedKey);
  if (isMoved) await enqueueKeyRemoval(tx, row, found.prefix + row.storedKey);
  return ready;
}
