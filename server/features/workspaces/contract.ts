import { z } from 'zod';
import { Id, PageInput, pageOf, refTo, storableText } from '../contract.ts';
import { RoleName, UserRef } from '../users/contract.ts';

export const Workspace = z
  .object({
    id: Id,
    name: z.string(),
    role: RoleName.describe('Your role there.'),
    createdAt: z.date(),
  })
  .meta({ id: 'Workspace', description: 'A team’s own part of the installation.' });
export type Workspace = z.infer<typeof Workspace>;
export const WorkspaceList = z.object({ items: z.array(Workspace) }).meta({ id: 'WorkspaceList' });

/** Keys of the first workspace, which has no prefix, begin with these. */
const folders = ['models', 'checkpoints', 'datasets', 'logs', 'artifacts', 'uploads'];

export const CreateWorkspaceInput = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and hyphens')
      .refine(
        (name) => !folders.includes(name),
        `must not be a folder of the buckets (${folders.join(', ')}); choose another`,
      )
      .describe('Its objects’ keys begin with it.'),
  })
  .meta({ id: 'CreateWorkspaceInput' });
export type CreateWorkspaceInput = z.infer<typeof CreateWorkspaceInput>;

export const UpdateMemberInput = z.strictObject({ userId: UserRef, role: RoleName }).meta({ id: 'UpdateMemberInput' });
export type UpdateMemberInput = z.infer<typeof UpdateMemberInput>;
export const MemberInput = z.strictObject({ userId: UserRef }).meta({ id: 'MemberInput' });

const InvitationRef = refTo('invitation');
export const Invitation = z
  .object({
    id: Id,
    email: z.string(),
    role: RoleName,
    makesAdmin: z.boolean(),
    expiresAt: z.date(),
    acceptedAt: z.date().nullable(),
    revokedAt: z.date().nullable(),
    createdAt: z.date(),
    createdBy: Id.nullable(),
  })
  .meta({ id: 'Invitation', description: 'Lets one person into the workspace.' });
export type Invitation = z.infer<typeof Invitation>;

export const NewInvitation = Invitation.extend({
  token: z
    .string()
    .describe('The person accepts the invitation with it. It is shown only once: hand it over yourself.'),
}).meta({ id: 'NewInvitation', description: 'A new invitation with its secret.' });
export type NewInvitation = z.infer<typeof NewInvitation>;

export const CreateInvitationInput = z
  .strictObject({
    email: z.email().max(320),
    role: RoleName.default('editor'),
    makesAdmin: z
      .boolean()
      .default(false)
      .describe('Whether the person is to administer the installation (admins only).'),
    days: z.int().min(1).max(30).default(7).describe('How long it holds.'),
  })
  .meta({ id: 'CreateInvitationInput' });
export type CreateInvitationInput = z.infer<typeof CreateInvitationInput>;

export const ResetPasswordInput = z
  .strictObject({
    userId: UserRef,
    days: z.int().min(1).max(30).default(1).describe('How long it holds.'),
  })
  .meta({ id: 'ResetPasswordInput' });
export type ResetPasswordInput = z.infer<typeof ResetPasswordInput>;

export const InvitationInput = z.strictObject({ id: InvitationRef }).meta({ id: 'InvitationInput' });
export const ListInvitationsInput = PageInput.meta({ id: 'ListInvitationsInput' });
export const InvitationPage = pageOf(Invitation).meta({ id: 'InvitationPage' });

export const AcceptInvitationInput = z
  .strictObject({
    token: z.string().max(200).describe('As it was handed over: `invite_…`.'),
    username: storableText(100)
      .trim()
      .min(1)
      .optional()
      .describe('The name of a new person; the address where it is left out.'),
    password: storableText(128)
      .min(10)
      .optional()
      .describe(
        'At least 10 characters. Without one, only OIDC lets a new person sign in. Of who has an account: a new one, which ends every session.',
      ),
    endTokens: z.boolean().default(false).describe('Whether the person’s tokens are to end too, in every workspace.'),
  })
  .meta({ id: 'AcceptInvitationInput' });
export type AcceptInvitationInput = z.infer<typeof AcceptInvitationInput>;

export const AcceptedInvitation = z
  .object({
    userId: Id,
    workspace: z.object({ id: Id, name: z.string() }),
    role: RoleName,
    isPasswordSet: z.boolean().describe('false: the person goes on signing in as before.'),
  })
  .meta({ id: 'AcceptedInvitation' });
export type AcceptedInvitation = z.infer<typeof AcceptedInvitation>;
