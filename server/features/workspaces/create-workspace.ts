import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isViolationOf } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { CreateWorkspaceInput, Workspace } from './contract.ts';
import { insertWorkspace, selectWorkspaces } from './store.ts';

/** Makes a workspace whose first owner is the actor. Throws `conflict` where the name is taken. */
export async function createWorkspace(
  stores: Stores,
  actor: Actor,
  { name }: CreateWorkspaceInput,
): Promise<Workspace> {
  try {
    return await stores.db.transaction(async (tx) => {
      const workspace = await insertWorkspace(tx, actor, name);
      await recordAudit(tx, actor, 'workspaces.create', `workspace:${workspace.id}`, { name });
      return workspace;
    });
  } catch (error) {
    if (!isViolationOf(error, 'workspaces_name_unique') && !isViolationOf(error, 'workspaces_object_prefix_unique')) {
      throw error;
    }
    throw new NexusError('conflict', `The name "${name}" is taken; use another.`, {
      details: { field: 'name', value: name },
      cause: error,
    });
  }
}

/** The workspaces among which a person who is signed in may choose; with a token, the token's alone. */
export async function listWorkspaces(stores: Stores, actor: Actor): Promise<{ items: Workspace[] }> {
  return { items: await selectWorkspaces(stores.db, actor) };
}
