import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';

/** Refuses everybody but an admin of the installation: what follows is of every workspace. */
export function requireAdmin(actor: Actor): void {
  if (actor.isAdmin) return;
  throw new NexusError('forbidden', 'Only an admin of the installation may do this; ask one of them.');
}
