import { outbox } from '../../drizzle/schema/index.ts';
import type { Transaction } from '../stores/postgres.ts';
import type { EffectKind, EffectPayload } from './effects.ts';

/**
 * Decides a change of another store together with the rows of this transaction: both happen or neither does. Effects of
 * one `entity` are applied in the order in which they were decided. Call `stores.wakeRelay()` after the commit. Answers the
 * effect's id, for `awaitEffects`.
 */
export async function enqueue<Kind extends EffectKind>(
  tx: Transaction,
  effect: { workspaceId: number; createdBy: number | null; kind: Kind; payload: EffectPayload<Kind>; entity: string },
): Promise<number> {
  const [row] = await tx.insert(outbox).values(effect).returning({ id: outbox.id });
  if (!row) throw new Error('The insert of an effect answered no row.');
  return row.id;
}
