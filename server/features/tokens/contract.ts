import { z } from 'zod';
import { Id, trimmedText } from '../contract.ts';
import { UserRef } from '../users/contract.ts';

export const TokenScope = z.enum(['read', 'write', 'admin']).meta({
  id: 'TokenScope',
  description: 'read: viewer at most; write: editor at most; admin: all that its user may.',
});
export type TokenScope = z.infer<typeof TokenScope>;

export const AccessToken = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scope: TokenScope,
    userId: Id,
    expiresAt: z.date().nullable(),
    revokedAt: z.date().nullable(),
    lastUsedAt: z.date().nullable().describe('Written at most every 30 s.'),
    createdAt: z.date(),
    createdBy: Id.nullable(),
  })
  .meta({ id: 'AccessToken', description: 'A program’s credential, without its secret.' });
export type AccessToken = z.infer<typeof AccessToken>;

export const CreateTokenInput = z
  .strictObject({
    name: trimmedText(100),
    scope: TokenScope.default('write'),
    userId: UserRef.optional().describe('The token’s user; yourself where it is left out.'),
    expiresAt: z.date().optional().describe('When it ends; never where it is left out.'),
  })
  .meta({ id: 'CreateTokenInput' });
export type CreateTokenInput = z.infer<typeof CreateTokenInput>;

export const NewAccessToken = AccessToken.extend({
  token: z.string().describe('The secret. It is shown this once.'),
}).meta({ id: 'NewAccessToken', description: 'A new token with its secret.' });
export type NewAccessToken = z.infer<typeof NewAccessToken>;

export const TokenInput = z.strictObject({ id: z.uuid() }).meta({ id: 'TokenInput' });
export const TokenList = z.object({ items: z.array(AccessToken) }).meta({ id: 'TokenList' });
