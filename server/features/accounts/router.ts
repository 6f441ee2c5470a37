import { procedure, router } from '../../api/procedures.ts';
import { Done } from '../contract.ts';
import { NoInput } from '../users/contract.ts';
import { EndedSignIns, SignInInput, SignInList } from './contract.ts';
import { endSignIn, endSignIns, listSignIns } from './sign-ins.ts';

export const signInsRouter = router({
  list: procedure
    .meta({ rest: { method: 'GET', path: '/sign_ins' }, does: 'Where you are signed in, newest first.' })
    .input(NoInput)
    .output(SignInList)
    .query(({ ctx }) => listSignIns(ctx.stores, ctx.actor)),
  end: procedure
    .meta({ rest: { method: 'DELETE', path: '/sign_ins/{id}' }, does: 'Ends one of your own sign-ins.' })
    .input(SignInInput)
    .output(Done)
    .mutation(({ ctx, input }) => endSignIn(ctx.stores, ctx.actor, input)),
  endAll: procedure
    .meta({ rest: { method: 'DELETE', path: '/sign_ins' }, does: 'Signs you out everywhere, here too; tokens stay.' })
    .input(NoInput)
    .output(EndedSignIns)
    .mutation(({ ctx }) => endSignIns(ctx.stores, ctx.actor)),
});
