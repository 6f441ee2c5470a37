import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { accessTopic } from './authenticate.ts';
import type { AccessToken } from './contract.ts';
import { revokeTokenRow, selectTokens } from './store.ts';

/** Ends a token: here at once, on other servers as soon as they hear of it, and within 10 s in any case. Throws `not_found`. */
export async function revokeToken(stores: Stores, actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  await stores.db.transaction(async (tx) => {
    if (!(await revokeTokenRow(tx, actor, id))) throw notFound('token', id);
    await recordAudit(tx, actor, 'tokens.revoke', `token:${id}`);
  });
  stores.signals.send(accessTopic);
  return { id };
}

/** The workspace's tokens without their secrets, newest first, at most 1,000. */
export async function listTokens(stores: Stores, actor: Actor): Promise<{ items: AccessToken[] }> {
  return { items: await selectTokens(stores.db, actor) };
}
