import type { Stores } from '../../stores/stores.ts';
import { type AccountEvent, insertForPerson } from './store.ts';

/**
 * Writes what somebody did with an account into the log of each workspace that the person belongs to, for a sign-in opens
 * them all. What is of nobody, such as a sign-in under an unknown address, goes into the first workspace's, which is the
 * operator's. It takes one statement whoever it is, so that its time tells nothing of who is known here.
 */
export async function recordAccount({ db }: Pick<Stores, 'db'>, event: AccountEvent): Promise<void> {
  await insertForPerson(db, event);
}
