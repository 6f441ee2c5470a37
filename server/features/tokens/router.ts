import { procedure, router } from '../../api/procedures.ts';
import { Done } from '../contract.ts';
import { NoInput } from '../users/contract.ts';
import { CreateTokenInput, NewAccessToken, TokenInput, TokenList } from './contract.ts';
import { createToken } from './create-token.ts';
import { listTokens, revokeToken } from './revoke-token.ts';

export const tokensRouter = router({
  create: procedure
    .meta({
      rest: { example: { name: 'training cluster', scope: 'write' }, method: 'POST', path: '/tokens', status: 201 },
      does: 'Makes an access token (owners).',
    })
    .input(CreateTokenInput)
    .output(NewAccessToken)
    .mutation(({ ctx, input }) => createToken(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/tokens' }, does: 'Lists the access tokens without their secrets (owners).' })
    .input(NoInput)
    .output(TokenList)
    .query(({ ctx }) => listTokens(ctx.stores, ctx.actor)),
  revoke: procedure
    .meta({ rest: { method: 'DELETE', path: '/tokens/{id}' }, does: 'Ends an access token (owners).' })
    .input(TokenInput)
    .output(Done)
    .mutation(({ ctx, input }) => revokeToken(ctx.stores, ctx.actor, input)),
});
