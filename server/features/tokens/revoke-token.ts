import { notFound } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import type { Authenticator } from './authenticate.ts';
import type { AccessToken } from './contract.ts';
import { revokeTokenRow, selectTokens } from './store.ts';

/** Ends a token: here at once, on other servers within 10 s. Throws `not_found`. */
export async function revokeToken(
  stores: Stores,
  authenticator: Authenticator,
  actor: Actor,
  { id }: { id: string },
): Promise<{ id: string }> {
  const token = await stores.db.transaction(async (tx) => {
    const row = await revokeTokenRow(tx, actor, id);
    if (!row) throw notFound('token', id);
    await recordAudit(tx, actor, 'tokens.revoke', `token:${id}`);
    return row;
  });
  authenticator.forget(token.tokenHash);
  return { id };
}

/** The workspace's tokens without their secrets, newest first, at most 1,000. */
export async function listTokens(stores: Stores, actor: Actor): Promise<{ items: AccessToken[] }> {
  return { items: await selectTokens(stores.db, actor) };
}
