import { Done } from '../contract.ts';
import { mutation, query } from '../define.ts';
import { NoInput } from '../users/contract.ts';
import { EndedSignIns, SignInInput, SignInList } from './contract.ts';
import { endSignIn, endSignIns, listSignIns } from './sign-ins.ts';

export const signIns = {
  list: query({
    role: 'viewer',
    rest: 'GET /sign_ins',
    does: 'Where you are signed in, newest first.',
    input: NoInput,
    output: SignInList,
    run: ({ ctx }) => listSignIns(ctx.stores, ctx.actor),
  }),
  end: mutation({
    role: 'viewer',
    rest: 'DELETE /sign_ins/{id}',
    does: 'Ends one of your own sign-ins.',
    input: SignInInput,
    output: Done,
    run: ({ ctx, input }) => endSignIn(ctx.stores, ctx.actor, input),
  }),
  endAll: mutation({
    role: 'viewer',
    rest: 'DELETE /sign_ins',
    does: 'Signs you out everywhere, here too; tokens stay.',
    input: NoInput,
    output: EndedSignIns,
    run: ({ ctx }) => endSignIns(ctx.stores, ctx.actor),
  }),
};
