import type { Actor, Role } from '../features/actor.ts';

const rank: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 };

/**
 * Who may call what. A verb has one rule for every noun, and the exceptions stand below it; a verb that is in neither
 * table is refused to everybody.
 */
const verbs: Readonly<Record<string, Role>> = {
  me: 'viewer',
  get: 'viewer',
  list: 'viewer',
  search: 'viewer',
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
};

const exceptions: Readonly<Record<string, Role>> = {
  'users.create': 'owner',
  'tokens.create': 'owner',
  'tokens.list': 'owner',
  'tokens.revoke': 'owner',
  'system.outbox': 'owner',
  'system.retryParked': 'owner',
  'system.discardParked': 'owner',
  'system.verify': 'owner',
  'system.repair': 'owner',
};

/** The least role that may call a procedure (`topologies.create`), or undefined where there is no rule. */
export function leastRole(path: string): Role | undefined {
  return exceptions[path] ?? verbs[path.slice(path.lastIndexOf('.') + 1)];
}

export function mayCall(actor: Actor, path: string): boolean {
  const least = leastRole(path);
  return least !== undefined && rank[actor.role] >= rank[least];
}
