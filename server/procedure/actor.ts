export type Role = 'viewer' | 'editor' | 'owner';

/** The caller. Every query is limited to `workspaceId`. */
export type Actor = Readonly<{
  userId: number;
  workspaceId: number;
  role: Role;
  /** Whether this person administers the installation. */
  isAdmin: boolean;
  /** Null where a person is signed in. */
  tokenId: string | null;
  /** The sign-in, where a person is signed in. */
  signInId?: number | undefined;
  /** The caller's address, for the audit log. */
  address?: string | undefined;
}>;
