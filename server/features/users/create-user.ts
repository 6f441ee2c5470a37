import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isViolationOf } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { CreateUserInput, User } from './contract.ts';
import { requireFreeName } from './free-name.ts';
import { insertMember } from './store.ts';

/** Adds a person to the actor's workspace. Throws `conflict` where the e-mail address is taken, or the name in this workspace. */
export async function createUser(stores: Stores, actor: Actor, input: CreateUserInput): Promise<User> {
  try {
    return await stores.db.transaction(async (tx) => {
      await requireFreeName(tx, actor.workspaceId, input.username);
      const user = await insertMember(tx, actor, input);
      await recordAudit(tx, actor, 'users.create', `user:${user.id}`);
      return user;
    });
  } catch (error) {
    if (isViolationOf(error, 'users_email_key')) {
      throw new NexusError('conflict', `The email "${input.email}" is taken; use another, or invite the person.`, {
        details: { field: 'email', value: input.email },
        cause: error,
      });
    }
    throw error;
  }
}
