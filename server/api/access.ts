import type { Actor, Role } from '../features/actor.ts';

/** `anyone`: without a credential; `admin`: who administers the installation, by a token of scope admin or signed in. */
export type Rule = 'anyone' | Role | 'admin';

/**
 * The one table of access. A rule is the least role, and each role may all that the lesser ones may.
 * A verb has one rule for every noun, and the exceptions stand below; what is in neither is refused to everybody.
 *
 * A token acts with the lesser of its user's role in its workspace and its scope: read is viewer at most, write is editor
 * at most, admin is all that its user may.
 */
const verbs: Readonly<Record<string, Rule>> = {
  me: 'viewer',
  get: 'viewer',
  list: 'viewer',
  search: 'viewer',
  all: 'viewer',
  analytics: 'viewer',
  history: 'viewer',
  compare: 'viewer',
  lineage: 'viewer',
  events: 'viewer',
  live: 'viewer',
  download: 'viewer',
  presign: 'viewer',
  tensors: 'viewer',
  info: 'viewer',
  ingests: 'viewer',
  getIngest: 'viewer',
  followIngest: 'viewer',
  refusals: 'viewer',
  recalls: 'viewer',
  versionHashes: 'viewer',
  create: 'editor',
  update: 'editor',
  delete: 'editor',
  deleteVersion: 'editor',
  setAlias: 'editor',
  removeAlias: 'editor',
  attachAdapter: 'editor',
  add: 'editor',
  addMany: 'editor',
  upload: 'editor',
  begin: 'editor',
  complete: 'editor',
  abort: 'editor',
  parts: 'editor',
  saveResults: 'editor',
  start: 'editor',
  log: 'editor',
  logMetrics: 'editor',
  finish: 'editor',
  heartbeat: 'editor',
  end: 'editor',
  ingest: 'editor',
  cancelIngest: 'editor',
  recall: 'editor',
};

const exceptions: Readonly<Record<string, Rule>> = {
  'system.health': 'anyone',
  // It tells whether the address is known, in whichever workspace; owners invite.
  'users.create': 'admin',
  // One's own.
  'signIns.end': 'viewer',
  'signIns.endAll': 'viewer',
  'tokens.create': 'owner',
  'tokens.list': 'owner',
  'tokens.revoke': 'owner',
  'system.verify': 'admin',
  'system.repair': 'admin',
  'system.outbox': 'admin',
  'system.retryParked': 'admin',
  'system.discardParked': 'admin',
  'audit.list': 'owner',
  'workspaces.create': 'admin',
  'members.update': 'owner',
  'members.delete': 'owner',
  'members.resetPassword': 'owner',
  'invitations.create': 'owner',
  'invitations.list': 'owner',
  'invitations.revoke': 'owner',
  // The invitation is the credential.
  'invitations.accept': 'anyone',
};

/** An editor does these to what is the editor's own, an owner to everyone's; the verb sees to it. */
export const ownOnly: ReadonlySet<string> = new Set(['sessions.log', 'sessions.end']);

const rank: Readonly<Record<Rule, number>> = { anyone: 0, viewer: 1, editor: 2, owner: 3, admin: 4 };

/** The rule of a procedure (`topologies.create`), or undefined where there is none. */
export function ruleOf(path: string): Rule | undefined {
  const verb = path.slice(path.lastIndexOf('.') + 1);
  if (Object.hasOwn(exceptions, path)) return exceptions[path];
  return Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
}

/** The least role of a procedure, as the reference says it; undefined where anyone is answered. */
export function leastRole(path: string): Exclude<Rule, 'anyone'> | undefined {
  const rule = ruleOf(path);
  return rule === 'anyone' ? undefined : rule;
}

/** Whether the table lets this actor (undefined: no credential) call the procedure. */
export function mayCall(actor: Actor | undefined, path: string): boolean {
  const rule = ruleOf(path);
  if (rule === undefined) return false;
  if (rule === 'anyone') return true;
  if (!actor) return false;
  return rule === 'admin' ? actor.isAdmin : rank[actor.role] >= rank[rule];
}
