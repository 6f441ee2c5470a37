import { Done } from '../contract.ts';
import { mutation, query } from '../define.ts';
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

export const workspaces = {
  create: mutation({
    role: 'admin',
    rest: 'POST /workspaces',
    status: 201,
    example: { name: 'vision' },
    does: 'Makes a workspace (admins).',
    refuses: { conflict: 'The name is taken.' },
    input: CreateWorkspaceInput,
    output: Workspace,
    run: ({ ctx, input }) => createWorkspace(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /workspaces',
    does: 'Your workspaces; the header X-Nexus-Workspace chooses one where you are signed in.',
    input: NoInput,
    output: WorkspaceList,
    run: ({ ctx }) => listWorkspaces(ctx.stores, ctx.actor),
  }),
};

export const members = {
  update: mutation({
    role: 'owner',
    rest: 'PATCH /members/{user_id}',
    example: { role: 'viewer' },
    does: 'Gives a member another role (owners).',
    refuses: { conflict: 'It is the last owner.' },
    input: UpdateMemberInput,
    output: Done,
    run: ({ ctx, input }) => updateMember(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'owner',
    rest: 'DELETE /members/{user_id}',
    does: 'Ends a membership, and the member’s tokens for the workspace (owners).',
    refuses: { conflict: 'It is the last owner.' },
    input: MemberInput,
    output: Done,
    run: ({ ctx, input }) => removeMember(ctx.stores, ctx.actor, input),
  }),
  resetPassword: mutation({
    role: 'owner',
    rest: 'POST /members/{user_id}/reset_password',
    status: 201,
    example: { days: 1 },
    does: 'Makes an invitation by which a member sets a new password, which ends every session (owners). No mail is sent: hand the token over.',
    refuses: { forbidden: 'The member has rights outside of the workspace, and you are no admin.' },
    input: ResetPasswordInput,
    output: NewInvitation,
    run: ({ ctx, input }) => resetPassword(ctx.stores, ctx.actor, input),
  }),
};

export const invitations = {
  create: mutation({
    role: 'owner',
    rest: 'POST /invitations',
    status: 201,
    example: { email: 'scientist@example.com', role: 'editor' },
    does: 'Invites a person by e-mail address (owners). No mail is sent: hand the token over.',
    refuses: { forbidden: '`makesAdmin` is for admins.' },
    input: CreateInvitationInput,
    output: NewInvitation,
    run: ({ ctx, input }) => createInvitation(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'owner',
    rest: 'GET /invitations',
    does: 'Lists the invitations, newest first (owners).',
    input: ListInvitationsInput,
    output: InvitationPage,
    run: ({ ctx, input }) => listInvitations(ctx.stores, ctx.actor, input),
  }),
  revoke: mutation({
    role: 'owner',
    rest: 'DELETE /invitations/{id}',
    does: 'Ends an open invitation (owners).',
    input: InvitationInput,
    output: Done,
    run: ({ ctx, input }) => revokeInvitation(ctx.stores, ctx.actor, input),
  }),
  accept: mutation({
    role: 'anyone',
    rest: 'POST /invitations/accept',
    status: 201,
    example: { token: 'invite_x', username: 'scientist', password: 'four words of your own' },
    does: 'Lets the invited person in; the invitation is the credential. Who has an account is signed in, or sets a new password.',
    refuses: {
      not_found: 'There is no such open invitation, or its maker may no longer invite.',
      conflict: 'The username is taken in the workspace.',
      precondition_failed: 'The person has an account: sign in, or give a new password.',
    },
    input: AcceptInvitationInput,
    output: AcceptedInvitation,
    run: ({ ctx, input }) => acceptInvitation(ctx.stores, ctx.accounts, input, ctx),
  }),
};
