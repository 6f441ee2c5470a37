import { procedure, router } from '../../api/procedures.ts';
import { CreateUserInput, CurrentUser, ListUsersInput, NoInput, User, UserInput, UserPage } from './contract.ts';
import { createUser } from './create-user.ts';
import { getCurrentUser, getUser } from './get-user.ts';
import { listUsers } from './list-users.ts';

export const usersRouter = router({
  me: procedure
    .meta({ rest: { method: 'GET', path: '/users/me' }, does: 'Whose token this is, and for which workspace.' })
    .input(NoInput)
    .output(CurrentUser)
    .query(({ ctx }) => getCurrentUser(ctx.stores, ctx.actor)),
  create: procedure
    .meta({
      rest: {
        example: { username: 'scientist', email: 'scientist@example.com', role: 'editor' },
        method: 'POST',
        path: '/users',
        status: 201,
      },
      does: 'Adds a person to the workspace (admins; owners invite).',
      refuses: { conflict: 'The e-mail address is taken, or the username in the workspace.' },
    })
    .input(CreateUserInput)
    .output(User)
    .mutation(({ ctx, input }) => createUser(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/users/{id}' }, does: 'A member of the workspace.' })
    .input(UserInput)
    .output(User)
    .query(({ ctx, input }) => getUser(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/users' }, does: 'Lists the members, newest first.' })
    .input(ListUsersInput)
    .output(UserPage)
    .query(({ ctx, input }) => listUsers(ctx.stores, ctx.actor, input)),
});
