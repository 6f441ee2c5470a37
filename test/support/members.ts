import { randomUUID } from 'node:crypto';
import { users, workspaceMembers, workspaces } from '../../drizzle/schema/index.ts';
import type { Actor } from '../../server/procedure/actor.ts';
import type { Stores } from '../../server/stores/stores.ts';

/** A member of a workspace of their own, or of the workspace given. */
export async function aMember(
  { db }: Pick<Stores, 'db'>,
  workspaceId?: number,
  role: Actor['role'] = 'editor',
): Promise<Actor> {
  const name = `w${randomUUID()}`;
  const [user] = await db
    .insert(users)
    .values({ username: name, email: `${name}@example.org` })
    .returning();
  const [workspace] =
    workspaceId === undefined
      ? await db
          .insert(workspaces)
          .values({ name, objectPrefix: `${name}/` })
          .returning()
      : [{ id: workspaceId }];
  if (!workspace || !user) throw new Error('The insert answered no row.');
  await db.insert(workspaceMembers).values({ workspaceId: workspace.id, userId: user.id, role });
  return { userId: user.id, workspaceId: workspace.id, role, isAdmin: false, tokenId: randomUUID() };
}
