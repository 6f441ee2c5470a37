import type { AccountEvent } from '../audit/index.ts';

export type AccountPath = Readonly<{
  /** A hash of a password, or a call of the OIDC provider: there are so many places for each. */
  costs?: 'hash' | 'provider';
  /** The account whose password may be guessed at: the one with the address named, or the person signed in. */
  guessesAt?: 'address' | 'person';
  /** After it, what is kept of a session may be wrong; this is how the audit log calls it. */
  ends?: AccountEvent['action'];
}>;

/** All that is open below `/auth`. The library has more; what is not here is not there. */
export const accountPaths: ReadonlyMap<string, AccountPath> = new Map<string, AccountPath>([
  ['POST /auth/sign-in/email', { costs: 'hash', guessesAt: 'address' }],
  ['POST /auth/sign-in/social', { costs: 'provider' }],
  ['POST /auth/link-social', { costs: 'provider' }],
  ['GET /auth/callback/oidc', { costs: 'provider' }],
  ['POST /auth/sign-out', { ends: 'auth.signOut' }],
  ['GET /auth/get-session', {}],
  ['POST /auth/change-password', { costs: 'hash', guessesAt: 'person', ends: 'auth.changePassword' }],
  ['POST /auth/revoke-other-sessions', { ends: 'auth.revokeOtherSessions' }],
]);
