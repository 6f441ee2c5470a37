import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import { authorOf } from '../users/index.ts';
import { hashSecret, newSecret } from './authenticate.ts';
import type { CreateTokenInput, NewAccessToken } from './contract.ts';
import { ensureFirstAdmin, insertToken } from './store.ts';

/** Makes a token for the actor or, by an admin, for another member. Its secret is in this answer only. */
export async function createToken(stores: Stores, actor: Actor, input: CreateTokenInput): Promise<NewAccessToken> {
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

/** The operator's token, for the first start and the command line: the first workspace's admin, with every right. */
export async function createAdminToken(db: Database, name: string): Promise<string> {
  const secret = newSecret();
  const { workspaceId, userId } = await ensureFirstAdmin(db);
  await insertToken(db, {
    workspaceId,
    userId,
    createdBy: userId,
    name,
    scope: 'admin',
    tokenHash: hashSecret(secret),
  });
  return secret;
}
