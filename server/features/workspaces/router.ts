import { procedure, publicProcedure, router } from '../../api/procedures.ts';
import { Done } from '../contract.ts';
import { NoInput } from '../users/contract.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { removeMember, updateMember } from './change-member.ts';
import {
  AcceptedInvitation,
  AcceptInvitationInput,
  CreateInvitationInput,
  CreateWorkspaceInput,
  InvitationInput,
  InvitationPage,
  ListInvitationsInput,
  MemberInput,
  NewInvitation,
  ResetPasswordInput,
  UpdateMemberInput,
  Workspace,
  WorkspaceList,
} from './contract.ts';
import { createWorkspace, listWorkspaces } from './create-workspace.ts';
import { createInvitation, listInvitations, revokeInvitation } from './invite.ts';
import { resetPassword } from './reset-password.ts';

export const workspacesRouter = router({
  create: procedure
    .meta({
      rest: { example: { name: 'vision' }, method: 'POST', path: '/workspaces', status: 201 },
      does: 'Makes a workspace (admins).',
      refuses: { conflict: 'The name is taken.' },
    })
    .input(CreateWorkspaceInput)
    .output(Workspace)
    .mutation(({ ctx, input }) => createWorkspace(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({
      rest: { method: 'GET', path: '/workspaces' },
      does: 'Your workspaces; the header X-Nexus-Workspace chooses one where you are signed in.',
    })
    .input(NoInput)
    .output(WorkspaceList)
    .query(({ ctx }) => listWorkspaces(ctx.stores, ctx.actor)),
});

export const membersRouter = router({
  update: procedure
    .meta({
      rest: { example: { role: 'viewer' }, method: 'PATCH', path: '/members/{user_id}' },
      does: 'Gives a member another role (owners).',
      refuses: { conflict: 'It is the last owner.' },
    })
    .input(UpdateMemberInput)
    .output(Done)
    .mutation(({ ctx, input }) => updateMember(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/members/{user_id}' },
      does: 'Ends a membership, and the member’s tokens for the workspace (owners).',
      refuses: { conflict: 'It is the last owner.' },
    })
    .input(MemberInput)
    .output(Done)
    .mutation(({ ctx, input }) => removeMember(ctx.stores, ctx.actor, input)),
  resetPassword: procedure
    .meta({
      rest: { example: { days: 1 }, method: 'POST', path: '/members/{user_id}/reset_password', status: 201 },
      does: 'Makes an invitation by which a member sets a new password, which ends every session (owners). No mail is sent: hand the token over.',
      refuses: { forbidden: 'The member has rights outside of the workspace, and you are no admin.' },
    })
    .input(ResetPasswordInput)
    .output(NewInvitation)
    .mutation(({ ctx, input }) => resetPassword(ctx.stores, ctx.actor, input)),
});

export const invitationsRouter = router({
  create: procedure
    .meta({
      rest: {
        example: { email: 'scientist@example.com', role: 'editor' },
        method: 'POST',
        path: '/invitations',
        status: 201,
      },
      does: 'Invites a person by e-mail address (owners). No mail is sent: hand the token over.',
      refuses: { forbidden: '`makesAdmin` is for admins.' },
    })
    .input(CreateInvitationInput)
    .output(NewInvitation)
    .mutation(({ ctx, input }) => createInvitation(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/invitations' }, does: 'Lists the invitations, newest first (owners).' })
    .input(ListInvitationsInput)
    .output(InvitationPage)
    .query(({ ctx, input }) => listInvitations(ctx.stores, ctx.actor, input)),
  revoke: procedure
    .meta({ rest: { method: 'DELETE', path: '/invitations/{id}' }, does: 'Ends an open invitation (owners).' })
    .input(InvitationInput)
    .output(Done)
    .mutation(({ ctx, input }) => revokeInvitation(ctx.stores, ctx.actor, input)),
  accept: publicProcedure
    .meta({
      rest: {
        example: { token: 'invite_x', username: 'scientist', password: 'four words of your own' },
        method: 'POST',
        path: '/invitations/accept',
        status: 201,
      },
      does: 'Lets the invited person in; the invitation is the credential. Who has an account is signed in, or sets a new password.',
      refuses: {
        not_found: 'There is no such open invitation, or its maker may no longer invite.',
        conflict: 'The username is taken in the workspace.',
        precondition_failed: 'The person has an account: sign in, or give a new password.',
      },
    })
    .input(AcceptInvitationInput)
    .output(AcceptedInvitation)
    .mutation(({ ctx, input }) => acceptInvitation(ctx.stores, ctx.accounts, input, ctx)),
});
