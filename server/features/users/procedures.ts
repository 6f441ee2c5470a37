import { mutation, query } from '../define.ts';
import { CreateUserInput, CurrentUser, ListUsersInput, NoInput, User, UserInput, UserPage } from './contract.ts';
import { createUser } from './create-user.ts';
import { getCurrentUser, getUser } from './get-user.ts';
import { listUsers } from './list-users.ts';

export const users = {
  me: query({
    role: 'viewer',
    rest: 'GET /users/me',
    does: 'Reads the user and the workspace of this token.',
    input: NoInput,
    output: CurrentUser,
    run: ({ ctx }) => getCurrentUser(ctx.stores, ctx.actor),
  }),
  create: mutation({
    role: 'admin',
    rest: 'POST /users',
    status: 201,
    example: { username: 'scientist', email: 'scientist@example.com', role: 'editor' },
    does: 'Adds a person to the workspace (admins; owners invite).',
    refuses: { conflict: 'The e-mail address is taken, or the username in the workspace.' },
    input: CreateUserInput,
    output: User,
    run: ({ ctx, input }) => createUser(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /users/{id}',
    does: 'A member of the workspace.',
    input: UserInput,
    output: User,
    run: ({ ctx, input }) => getUser(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /users',
    does: 'Lists the members, newest first.',
    input: ListUsersInput,
    output: UserPage,
    run: ({ ctx, input }) => listUsers(ctx.stores, ctx.actor, input),
  }),
};
