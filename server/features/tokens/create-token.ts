import { invalidInput } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { authorOf } from '../users/index.ts';

import type { CreateTokenInput, NewAccessToken, TokenScope } from './contract.ts';
import { hashSecret, newSecret } from './secret.ts';
import { ensureFirstAdmin, insertToken } from './store.ts';

/** Makes a token for the actor or, by an admin, for another member. Its secret is in this answer only. */
export async function createToken(stores: Stores, actor: Actor, input: CreateTokenInput): Promise<NewAccessToken> {
  const { expiresAt } = input;
  if (expiresAt && expiresAt.getTime() <= Date.now()) {
    throw invalidInput('expiresAt', `expiresAt is ${expiresAt.toISOString()}, which is past; name a later moment.`);
  }
  const secret = newSecret();
  return stores.db.transaction(async (tx) => {
    const userId = await authorOf(tx, actor, input.userId);
    const token = await insertToken(tx, {
      workspaceId: actor.workspaceId,
      createdBy: actor.userId,
      userId,
      name: input.name,
      scope: input.scope,
      expiresAt: input.expiresAt ?? null,
      tokenHash: hashSecret(secret),
    });
    await recordAudit(tx, actor, 'tokens.create', `token:${token.id}`, { name: input.name, scope: input.scope });
    return { ...token, token: secret };
  });
}

/**
 * A token for the operator, at the first start and on the command line: the first workspace's admin, with every right
 * unless a scope says less.
 */
export async function createAdminToken(
  db: Database,
  name: string,
  { scope = 'admin', expiresAt = null }: { scope?: TokenScope; expiresAt?: Date | null } = {},
): Promise<string> {
  const secret = newSecret();
  const { workspaceId, userId } = await ensureFirstAdmin(db);
  const tokenHash = hashSecret(secret);
  await db.transaction(async (tx) => {
    const { id } = await insertToken(tx, { workspaceId, userId, createdBy: userId, name, scope, expiresAt, tokenHash });
    const operator: Actor = { userId, workspaceId, role: 'owner', isAdmin: true, tokenId: null };
    await recordAudit(tx, operator, 'tokens.create', `token:${id}`, { name, scope, by: 'operator' });
  });
  return secret;
}
