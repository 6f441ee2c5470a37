import type { Actor, Role } from './actor.ts';

/** The least role that a procedure needs. `anyone`: no credential; `admin`: who administers the installation. */
export type Rule = 'anyone' | Role | 'admin';

const rank: Readonly<Record<Rule, number>> = { anyone: 0, viewer: 1, editor: 2, owner: 3, admin: 4 };

/**
 * Whether a rule lets this actor (undefined: no credential) call. Each role may all that the lesser ones may; a token acts
 * with the lesser of its user's role in its workspace and its scope.
 */
export function mayCall(actor: Actor | undefined, rule: Rule): boolean {
  if (rule === 'anyone') return true;
  if (!actor) return false;
  return rule === 'admin' ? actor.isAdmin : rank[actor.role] >= rank[rule];
}
