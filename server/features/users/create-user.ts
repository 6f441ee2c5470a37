import { NexusError } from '../../errors.ts';
import { isViolationOf } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import type { CreateUserInput, User } from './contract.ts';
import { insertMember } from './store.ts';

/** Adds a person to the actor's workspace. Throws `conflict` where the name or the e-mail address is taken. */
export async function createUser(stores: Stores, actor: Actor, input: CreateUserInput): Promise<User> {
  try {
    return await stores.db.transaction(async (tx) => {
      const user = await insertMember(tx, actor, input);
      await recordAudit(tx, actor, 'users.create', `user:${user.id}`);
      return user;
    });
  } catch (error) {
    for (const [constraint, field] of [
      ['users_username_key', 'username'],
      ['users_email_key', 'email'],
    ] as const) {
      if (!isViolationOf(error, constraint)) continue;
      throw new NexusError('conflict', `The ${field} "${input[field]}" is taken; use another.`, {
        details: { field, value: input[field] },
        cause: error,
      });
    }
    throw error;
  }
}
