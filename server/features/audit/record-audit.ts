import { auditLog } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';

/** Writes who did what to what, in the transaction of the change itself: neither stands without the other. */
export async function recordAudit(
  tx: Transaction,
  actor: Actor,
  action: string,
  target: string,
  details: Record<string, string | number | boolean | null> = {},
): Promise<void> {
  await tx.insert(auditLog).values({
    workspaceId: actor.workspaceId,
    createdBy: actor.userId,
    tokenId: actor.tokenId,
    address: actor.address ?? null,
    action,
    target,
    details,
  });
}
