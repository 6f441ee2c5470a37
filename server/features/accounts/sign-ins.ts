import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAccount } from '../audit/index.ts';
import { accessTopic } from '../tokens/index.ts';
import type { SignIn } from './contract.ts';
import { deleteSignIns, selectSignIns } from './store.ts';

/** Where the actor's person is signed in, the newest first, at most 1,000. */
export async function listSignIns(stores: Stores, actor: Actor): Promise<{ items: SignIn[] }> {
  const found = await selectSignIns(stores.db, actor.userId);
  return {
    items: found.map(({ address, program, ...others }) => ({
      ...others,
      address: address || null,
      program: program || null,
      isCurrent: others.id === actor.signInId,
    })),
  };
}

/** Ends one of the person's own sign-ins: at once here, within 10 s on other servers. Throws `not_found`. */
export async function endSignIn(stores: Stores, actor: Actor, { id }: { id: number }): Promise<{ id: number }> {
  await end(stores, actor, async (tx) => {
    if ((await deleteSignIns(tx, actor.userId, id)) === 0) throw notFound('sign-in', id);
  });
  return { id };
}

/** Signs the person out everywhere, here too. Tokens stay. */
export async function endSignIns(stores: Stores, actor: Actor): Promise<{ count: number }> {
  let count = 0;
  await end(stores, actor, async (tx) => {
    count = await deleteSignIns(tx, actor.userId);
  });
  return { count };
}

async function end(stores: Stores, actor: Actor, work: (tx: Transaction) => Promise<void>): Promise<void> {
  const { userId, address } = actor;
  await stores.db.transaction(async (tx) => {
    await work(tx);
    await recordAccount({ db: tx }, { action: 'auth.endSignIns', person: { userId }, address });
  });
  stores.signals.send(accessTopic);
}
