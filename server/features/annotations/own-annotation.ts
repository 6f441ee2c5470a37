import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Annotation } from './contract.ts';

/** An annotation is its author's to change, or an owner's or an admin's. Throws `forbidden`. */
export function requireOwn(actor: Actor, { id, createdBy }: Annotation): void {
  if (createdBy === actor.userId || actor.role === 'owner' || actor.isAdmin) return;
  throw new NexusError('forbidden', `The annotation "${id}" is somebody else's; ask an owner to change or delete it.`, {
    details: { id },
  });
}
