import { NexusError } from '../../errors.ts';
import type { Transaction } from '../../stores/postgres.ts';
import { isNameTaken } from './store.ts';

/**
 * Throws `conflict` where a member of the workspace has this name. In another workspace somebody may: otherwise whoever chooses
 * one would learn who is there.
 */
export async function requireFreeName(tx: Transaction, workspaceId: number, username: string): Promise<void> {
  if (!(await isNameTaken(tx, workspaceId, username))) return;
  throw new NexusError('conflict', `The username "${username}" is taken in this workspace; use another.`, {
    details: { field: 'username', value: username },
  });
}
