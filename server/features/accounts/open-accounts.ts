import { createHash } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { genericOAuth } from 'better-auth/plugins';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { notFound } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { type AccountEvent, recordAccount } from '../audit/index.ts';
import { accessTopic } from '../tokens/index.ts';
import { accountTables, findMembership } from './store.ts';

export type AccountSettings = {
  /** Signs the cookies; the same on every server of one database. */
  secret: string;
  /** What callers reach the server by, where it is not what their request says. */
  publicUrl: string | undefined;
  origins: readonly string[];
  oidc: { issuer: string; clientId: string; clientSecret: string } | undefined;
};

/** From where a request comes and, of a sign-in by password, whose it is said to be. */
type Caller = { address: string | undefined; email: string | undefined };

export type Accounts = Disposable & {
  /**
   * Answers a request below `/auth`, or undefined where there is nothing at this path. Who signs in or out, who is refused
   * and who changes a password stands in the audit log before the answer is given.
   */
  answer(request: Request, from: Caller): Promise<Response | undefined>;
  /**
   * The actor of a cookie, in the workspace named or the person's first one. A warm one costs no query; a change is seen
   * within 10 s, on the server that makes it at once. Throws `not_found` for a workspace that is not the person's.
   */
  actorOf(cookie: string, workspaceId: number | undefined): Promise<Actor | undefined>;
};

/** All that is open below `/auth`. The library has more; what is not here is not there. */
const open = new Set([
  'POST /auth/sign-in/email',
  'POST /auth/sign-in/social',
  'GET /auth/callback/oidc',
  'POST /auth/callback/oidc',
  'POST /auth/sign-out',
  'GET /auth/get-session',
  'POST /auth/change-password',
  'POST /auth/revoke-other-sessions',
]);
/** After these, what is kept of a session may be wrong. */
const ending = /^\/auth\/(sign-out|change-password|revoke-other-sessions)$/;
const endings: Readonly<Record<string, AccountEvent['action']>> = {
  'sign-out': 'auth.signOut',
  'change-password': 'auth.changePassword',
  'revoke-other-sessions': 'auth.revokeOtherSessions',
};
const sessionCookie = /(?:^|; *)(?:__Secure-)?nexus\.session_token=([^;]{1,500})/;
const Found = z.object({ user: z.object({ id: z.coerce.number().int() }), session: z.object({ expiresAt: z.date() }) });
const freshMs = 10_000;

/** Sign-in by e-mail and password, and by OIDC where it is set up: better-auth on the tables of this database. */
export function openAccounts(stores: Pick<Stores, 'db' | 'log' | 'signals'>, settings: AccountSettings): Accounts {
  const auth = authOf(stores, settings);
  const known = new LRUCache<string, { actor: Actor | undefined; expiresAtMs: number }>({ max: 10_000, ttl: freshMs });
  let generation = 0;
  const stopListening = stores.signals.subscribe(accessTopic, () => {
    generation += 1;
    known.clear();
  });

  const sessionOf = async (cookie: string) => {
    const session = await auth.api.getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } });
    return session ? Found.parse(session) : undefined;
  };
  const readActor = async (cookie: string, workspaceId: number | undefined) => {
    const session = await sessionOf(cookie);
    if (!session) return { actor: undefined, expiresAtMs: Number.POSITIVE_INFINITY };
    const { user, session: row } = session;
    const member = await findMembership(stores.db, user.id, workspaceId);
    if (!member && workspaceId !== undefined) throw notFound('workspace', workspaceId);
    const actor: Actor | undefined = member && { userId: user.id, ...member, tokenId: null };
    return { actor, expiresAtMs: row.expiresAt.getTime() };
  };

  const personOf = async (cookie: string) => (await sessionOf(cookie))?.user.id;
  const record = async (
    pathname: string,
    response: Response,
    before: number | undefined,
    { address, email }: Caller,
  ) => {
    const action = ending.exec(pathname)?.[1];
    if (action) {
      if (before === undefined) return;
      const isDone = response.status < 400;
      const done = endings[action] ?? 'auth.signOut';
      await recordAccount(stores, { action: done, person: { userId: before }, address, details: { isDone } });
      return;
    }
    const method = email === undefined ? 'oidc' : 'password';
    const cookies = response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
    const userId = cookies.some((one) => sessionCookie.test(one)) ? await personOf(cookies.join('; ')) : undefined;
    if (userId !== undefined) {
      await recordAccount(stores, { action: 'auth.signIn', person: { userId }, address, details: { method } });
    } else if (response.status >= 400 && email !== undefined) {
      await recordAccount(stores, { action: 'auth.refusedSignIn', person: { email }, address, details: { method } });
    }
  };

  return {
    async answer(request, from) {
      const { pathname } = new URL(request.url);
      if (!open.has(`${request.method} ${pathname}`)) return undefined;
      // Whose session it is must be asked before it ends.
      const before = ending.test(pathname) ? await personOf(request.headers.get('cookie') ?? '') : undefined;
      const response = await auth.handler(request);
      if (ending.test(pathname)) stores.signals.send(accessTopic);
      await record(pathname, response, before, from);
      return response;
    },
    async actorOf(cookie, workspaceId) {
      const session = cookie.match(sessionCookie)?.[0];
      if (!session) return undefined;
      const key = `${createHash('sha256').update(session).digest('hex')} ${workspaceId ?? ''}`;
      let found = known.get(key);
      if (!found) {
        const readIn = generation;
        found = await readActor(session.replace(/^; */, ''), workspaceId);
        if (readIn === generation) known.set(key, found);
      }
      return found.expiresAtMs > Date.now() ? found.actor : undefined;
    },
    [Symbol.dispose]: stopListening,
  };
}

function authOf({ db, log }: Pick<Stores, 'db' | 'log'>, { secret, publicUrl, origins, oidc }: AccountSettings) {
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
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 128 },
    account: {
      encryptOAuthTokens: true,
      // The provider speaks for an address; that the address is this person's, an admin said when the person was added.
      accountLinking: { enabled: true, trustedProviders: ['oidc'], requireLocalEmailVerified: true },
    },
    advanced: {
      cookiePrefix: 'nexus',
      useSecureCookies: publicUrl?.startsWith('https:') ?? false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      database: { generateId: 'serial' },
      ipAddress: { disableIpTracking: true },
    },
    plugins: oidc
      ? [
          genericOAuth({
            config: [
              {
                providerId: 'oidc',
                clientId: oidc.clientId,
                clientSecret: oidc.clientSecret,
                discoveryUrl: `${oidc.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
                scopes: ['openid', 'email', 'profile'],
                pkce: true,
                disableSignUp: true,
              },
            ],
          }),
        ]
      : [],
  });
}
