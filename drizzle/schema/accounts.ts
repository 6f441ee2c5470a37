import { foreignKey, index, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { id, instant, reference } from './columns.ts';
import { users } from './users.ts';

const times = () => ({
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at')
    .notNull()
    .defaultNow()
    .$onUpdate(() => new Date()),
});

/** How a person signs in: by a password (`credential`, its hash), or by the installation's OIDC provider. */
export const authAccounts = pgTable(
  'auth_accounts',
  {
    id: id(),
    userId: reference('user_id').notNull(),
    providerId: text('provider_id').notNull(),
    accountId: text('account_id').notNull(),
    password: text('password'),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: instant('access_token_expires_at'),
    refreshTokenExpiresAt: instant('refresh_token_expires_at'),
    scope: text('scope'),
    ...times(),
  },
  (t) => [
    foreignKey({ columns: [t.userId], foreignColumns: [users.id] }).onDelete('cascade'),
    // Sign-in by a provider; and one identity is one person.
    unique('auth_accounts_identity_key').on(t.providerId, t.accountId),
    // Sign-in by a password.
    index('auth_accounts_user_idx').on(t.userId),
  ],
);

/** A person who is signed in. The cookie holds the token signed, so that what stands here opens nothing by itself. */
export const authSessions = pgTable(
  'auth_sessions',
  {
    id: id(),
    userId: reference('user_id').notNull(),
    token: text('token').notNull().unique(),
    expiresAt: instant('expires_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    ...times(),
  },
  (t) => [
    foreignKey({ columns: [t.userId], foreignColumns: [users.id] }).onDelete('cascade'),
    // All sessions of a person, when the password changes.
    index('auth_sessions_user_idx').on(t.userId),
  ],
);

/** Sign-ins by the provider that are under way; short-lived. */
export const authVerifications = pgTable(
  'auth_verifications',
  {
    id: id(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: instant('expires_at').notNull(),
    ...times(),
  },
  (t) => [index('auth_verifications_identifier_idx').on(t.identifier)],
);
