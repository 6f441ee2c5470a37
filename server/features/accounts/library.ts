import { betterAuth } from 'better-auth';
import { genericOAuth } from 'better-auth/plugins';
import type { Stores } from '../../stores/stores.ts';
import type { Passwords } from './passwords.ts';
import { accountTables } from './store.ts';

export type AccountSettings = {
  /** Signs the cookies; the same on every server of one database. */
  secret: string;
  /** The URL by which callers reach the server, where their requests do not tell it. */
  publicUrl: string | undefined;
  origins: readonly string[];
  /** `isTrusted`: whose address the provider verified is the person of that address. */
  oidc: { issuer: string; clientId: string; clientSecret: string; isTrusted: boolean } | undefined;
};

/** The header by which the library learns from where a request comes; one that a caller sends is taken away. */
export const addressHeader = 'x-nexus-address';

/** better-auth on the tables of this database. */
export function openLibrary(
  { db, log }: Pick<Stores, 'db' | 'log'>,
  { hash, verify }: Pick<Passwords, 'hash' | 'verify'>,
  { secret, publicUrl, origins, oidc }: AccountSettings,
) {
  return betterAuth({
    appName: 'Topology Nexus',
    ...(publicUrl && { baseURL: publicUrl }),
    basePath: '/auth',
    secret,
    database: accountTables(db),
    trustedOrigins: [...origins],
    telemetry: { enabled: false },
    // Ours stand before it, for every path and by Redis where there is one.
    rateLimit: { enabled: false },
    logger: {
      log: (level, message) => {
        // Its further arguments may hold what a person typed.
        if (level === 'error') log.error({ from: 'better-auth' }, message);
        else log.debug({ from: 'better-auth' }, message);
      },
    },
    user: { fields: { name: 'username' } },
    // A provider that a person linked says nothing of who else knows the password: an admin alone vouches for an address.
    databaseHooks: {
      user: { update: { before: async (user) => ({ data: { ...user, emailVerified: undefined } }) } },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 128,
      password: { hash, verify },
    },
    account: {
      encryptOAuthTokens: true,
      // In the browser: a stranger who begins sign-ins writes nothing here.
      storeStateStrategy: 'cookie',
      // Only addresses that the provider verified, for no provider is named as one that need not.
      accountLinking: { enabled: true, disableImplicitLinking: !oidc?.isTrusted, requireLocalEmailVerified: true },
    },
    advanced: {
      cookiePrefix: 'nexus',
      useSecureCookies: publicUrl?.startsWith('https:') ?? false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      database: { generateId: 'serial' },
      ipAddress: { ipAddressHeaders: [addressHeader], ipv6Subnet: 128 },
    },
    plugins: oidc ? [genericOAuth({ config: [providerOf(oidc)] })] : [],
  });
}

const providerOf = ({ issuer, clientId, clientSecret }: NonNullable<AccountSettings['oidc']>) => ({
  providerId: 'oidc',
  clientId,
  clientSecret,
  discoveryUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  scopes: ['openid', 'email', 'profile'],
  pkce: true,
  disableSignUp: true,
});
