import { z } from 'zod';
import { audited, Id, PageInput, pageOf, refTo, trimmedText } from '../contract.ts';

export const UserRef = refTo('user');
export const RoleName = z
  .enum(['viewer', 'editor', 'owner'])
  .meta({ id: 'Role', description: 'A member’s role: it decides what they may do.' });

export const User = z
  .object({
    id: Id,
    username: z.string(),
    email: z.string(),
    role: RoleName,
    isAdmin: z.boolean().describe('Whether this person administers the installation.'),
    ...audited,
  })
  .meta({ id: 'User', description: 'A member of the workspace.' });
export type User = z.infer<typeof User>;

export const CurrentUser = User.extend({
  workspace: z.object({ id: Id, name: z.string() }),
}).meta({ id: 'CurrentUser', description: 'The user and the workspace of this token.' });
export type CurrentUser = z.infer<typeof CurrentUser>;

export const CreateUserInput = z
  .strictObject({
    username: trimmedText(100),
    email: z.email().max(320),
    role: RoleName.default('editor'),
  })
  .meta({ id: 'CreateUserInput' });
export type CreateUserInput = z.infer<typeof CreateUserInput>;

export const UserInput = z.strictObject({ id: UserRef }).meta({ id: 'UserInput' });
export const ListUsersInput = PageInput.meta({ id: 'ListUsersInput' });
export const UserPage = pageOf(User).meta({ id: 'UserPage' });
export const NoInput = z.strictObject({}).prefault({}).meta({ id: 'NoInput' });
