import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAccount } from '../audit/index.ts';
import { accessTopic, revokeTokensOf } from '../tokens/index.ts';
import { type AccountSettings, addressHeader, openLibrary } from './library.ts';
import { openPasswords } from './passwords.ts';
import { accountPaths } from './paths.ts';
import { openPlaces } from './places.ts';
import { findMembership } from './store.ts';

/** A request below `/auth`, with what of it was read. */
export type AccountRequest = {
  method: string;
  url: string;
  headers: Headers;
  /** JSON that was sent, to be sent on: what was looked at is what is done. */
  body: Readonly<Record<string, unknown>> | undefined;
  /** The caller's address. */
  address: string | undefined;
};

export type Accounts = AsyncDisposable & {
  /** The account whose password a request guesses at, as one text; undefined where it guesses at none. */
  guessedBy(asked: AccountRequest): Promise<string | undefined>;
  /**
   * Answers a request below `/auth`, or undefined where there is nothing at this path. Who signs in or out, who is refused
   * and who changes a password stands in the audit log before the answer is given. Throws `too_many_requests` and
   * `unavailable` at once where there is no place for what it costs.
   */
  answer(asked: AccountRequest): Promise<Response | undefined>;
  /**
   * The actor of a cookie, in the workspace named or the person's first one. A warm one costs no query; a change is seen
   * within 10 s, on the server that makes it at once. Throws `not_found` for a workspace that is not the person's.
   */
  actorOf(cookie: string, workspaceId: number | undefined): Promise<Actor | undefined>;
  /** The hash of a new password. Throws as `answer`. */
  hashPassword(password: string, address: string | undefined): Promise<string>;
};

const sessionCookie = /(?:^|; *)(?:__Secure-)?nexus\.session_token=([^;]{1,500})/;
const Found = z.object({
  user: z.object({ id: z.coerce.number().int() }),
  session: z.object({ id: z.coerce.number().int(), expiresAt: z.date() }),
});
const freshMs = 10_000;
/** Sign-ins that wait for the provider, which may be slow. */
const providerPlaces = { inAll: 32, ofOneAddress: 8 };
/** Browsers say more of themselves than anybody reads. */
const mostAgentLetters = 300;

/** Sign-in by e-mail and password, and by OIDC where it is set up: better-auth on the tables of this database. */
export function openAccounts(stores: Pick<Stores, 'db' | 'log' | 'signals'>, settings: AccountSettings): Accounts {
  const passwords = openPasswords();
  const provider = openPlaces('sign-ins by the provider', providerPlaces);
  const auth = openLibrary(stores, passwords, settings);
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
  const personOf = async (cookie: string) => (await sessionOf(cookie))?.user.id;
  const readActor = async (cookie: string, workspaceId: number | undefined) => {
    const session = await sessionOf(cookie);
    if (!session) return { actor: undefined, expiresAtMs: Number.POSITIVE_INFINITY };
    const { user, session: row } = session;
    const member = await findMembership(stores.db, user.id, workspaceId);
    if (!member && workspaceId !== undefined) throw notFound('workspace', workspaceId);
    const actor: Actor | undefined = member && { userId: user.id, ...member, tokenId: null, signInId: row.id };
    return { actor, expiresAtMs: row.expiresAt.getTime() };
  };

  const recordSignIn = async (asked: AccountRequest, response: Response) => {
    const email = emailIn(asked);
    const { address } = asked;
    const details = { method: email === undefined ? 'oidc' : 'password' };
    const cookies = response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
    const userId = cookies.some((one) => sessionCookie.test(one)) ? await personOf(cookies.join('; ')) : undefined;
    if (userId !== undefined) {
      await recordAccount(stores, { action: 'auth.signIn', person: { userId }, address, details });
    } else if (response.status >= 400 && email !== undefined) {
      await recordAccount(stores, { action: 'auth.refusedSignIn', person: { email }, address, details });
    }
  };

  return {
    async guessedBy(asked) {
      const at = pathOf(asked)?.guessesAt;
      if (at === 'address') return emailIn(asked) ?? '';
      if (at === undefined) return undefined;
      const userId = await personOf(asked.headers.get('cookie') ?? '');
      return userId === undefined ? undefined : `user-${userId}`;
    },
    async answer(asked) {
      const path = pathOf(asked);
      if (!path) return undefined;
      const { address, body } = asked;
      using _place = placeOf(path.costs, address);
      // The person must be read before the session ends.
      const userId = path.ends && (await personOf(asked.headers.get('cookie') ?? ''));
      const response = await auth.handler(requestOf(asked, path.ends === 'auth.changePassword'));
      if (!path.ends) {
        await recordSignIn(asked, response);
        return response;
      }
      const isDone = response.status < 400;
      const endTokens = isDone && userId !== undefined && body?.endTokens === true;
      if (endTokens) await revokeTokensOf(stores.db, userId);
      stores.signals.send(accessTopic);
      if (userId !== undefined) {
        const details = { isDone, ...(endTokens && { endTokens }) };
        await recordAccount(stores, { action: path.ends, person: { userId }, address, details });
      }
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
        // Made-up cookies cost a signature and no query; kept, they would push those of people out.
        if (readIn === generation && found.actor) known.set(key, found);
      }
      return found.expiresAtMs > Date.now() ? found.actor : undefined;
    },
    async hashPassword(password, address) {
      using _place = passwords.place(address);
      return await passwords.hash(password);
    },
    async [Symbol.asyncDispose]() {
      stopListening();
      await passwords[Symbol.asyncDispose]();
    },
  };

  function placeOf(costs: 'hash' | 'provider' | undefined, address: string | undefined): Disposable | undefined {
    if (costs === 'hash') return passwords.place(address);
    return costs === 'provider' ? provider.take(address) : undefined;
  }
}

const pathOf = ({ method, url }: AccountRequest) => accountPaths.get(`${method} ${new URL(url).pathname}`);

const WithEmail = z.object({ email: z.string().max(320) });
/** The address that a sign-in by password names. */
const emailIn = (asked: AccountRequest) =>
  pathOf(asked)?.guessesAt === 'address' ? (WithEmail.safeParse(asked.body).data?.email ?? '') : undefined;

/** The request in the form that the library reads. */
function requestOf({ method, url, headers: given, body, address }: AccountRequest, isChange: boolean): Request {
  const headers = new Headers(given);
  headers.delete('content-length');
  headers.delete(addressHeader);
  if (address !== undefined) headers.set(addressHeader, address);
  headers.set('user-agent', (given.get('user-agent') ?? '').slice(0, mostAgentLetters));
  if (method === 'GET' || body === undefined) return new Request(url, { method, headers });
  const { endTokens: _, ...others } = body;
  // Ends all other sessions: anybody who knew the old password may have one.
  const sent = isChange ? { ...others, revokeOtherSessions: true } : others;
  return new Request(url, { method, headers, body: JSON.stringify(sent) });
}
