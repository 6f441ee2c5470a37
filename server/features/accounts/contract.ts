import { z } from 'zod';
import { Id } from '../contract.ts';

export const SignIn = z
  .object({
    id: Id,
    createdAt: z.date().describe('When the person signed in.'),
    expiresAt: z.date().describe('When it ends by itself.'),
    address: z.string().nullable().describe('The caller’s address; null: not known.'),
    program: z.string().nullable().describe('The browser, as it calls itself; null: not known.'),
    isCurrent: z.boolean().describe('Whether this call is made by it.'),
  })
  .meta({ id: 'SignIn', description: 'Where a person is signed in.' });
export type SignIn = z.infer<typeof SignIn>;
export const SignInList = z.object({ items: z.array(SignIn) }).meta({ id: 'SignInList' });

export const SignInInput = z.strictObject({ id: Id.describe('One of your own sign-ins.') }).meta({ id: 'SignInInput' });
export const EndedSignIns = z
  .object({ count: z.int().min(0).describe('How many ended.') })
  .meta({ id: 'EndedSignIns' });
