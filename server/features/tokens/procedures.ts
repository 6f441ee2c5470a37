import { Done } from '../contract.ts';
import { mutation, query } from '../define.ts';
import { NoInput } from '../users/contract.ts';
import { CreateTokenInput, NewAccessToken, TokenInput, TokenList } from './contract.ts';
import { createToken } from './create-token.ts';
import { listTokens, revokeToken } from './revoke-token.ts';

export const tokens = {
  create: mutation({
    role: 'owner',
    rest: 'POST /tokens',
    status: 201,
    example: { name: 'training cluster', scope: 'write' },
    does: 'Makes an access token (owners).',
    input: CreateTokenInput,
    output: NewAccessToken,
    run: ({ ctx, input }) => createToken(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'owner',
    rest: 'GET /tokens',
    does: 'Lists the access tokens without their secrets (owners).',
    input: NoInput,
    output: TokenList,
    run: ({ ctx }) => listTokens(ctx.stores, ctx.actor),
  }),
  revoke: mutation({
    role: 'owner',
    rest: 'DELETE /tokens/{id}',
    does: 'Ends an access token (owners).',
    input: TokenInput,
    output: Done,
    run: ({ ctx, input }) => revokeToken(ctx.stores, ctx.actor, input),
  }),
};
