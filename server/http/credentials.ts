import { isLoopback } from '../config.ts';
import { invalidInput, NexusError, notFound } from '../errors.ts';
import type { Accounts } from '../features/accounts/index.ts';
import type { Authenticator } from '../features/tokens/index.ts';
import type { Actor } from '../procedure/actor.ts';
import type { Caller } from './caller.ts';

export type Credentials = {
  authenticator: Authenticator;
  accounts: Accounts;
  /** Other sites whose pages may call with a person's cookie. */
  origins: readonly string[];
  /** How many trusted proxies stand before the server. */
  proxies: number;
  /** The actor of every call while `NEXUS_AUTH=off`. */
  everybody: Actor | undefined;
};

/**
 * Tells who calls: a program by its token, a person by the cookie of a sign-in. Throws `forbidden` where another site's
 * page calls in somebody's name, and `not_found` for a workspace that is not the caller's.
 */
export function credentialsOf({ authenticator, accounts, origins, proxies, everybody }: Credentials) {
  const actorOf = async (caller: Caller): Promise<Actor | undefined> => {
    if (everybody) {
      // Any page on this machine's browser reaches loopback, by a name of its own that it points there if need be.
      refuseForeignPage(caller, origins);
      refuseForeignName(caller);
      return everybody;
    }
    if (caller.token) return caller.token.actor();
    const [scheme, secret] = (caller.header('authorization') ?? '').split(' ');
    if (scheme?.toLowerCase() === 'bearer' && secret) return authenticator.actorOf(secret);
    const cookie = caller.header('cookie');
    if (!cookie) return undefined;
    const actor = await accounts.actorOf(cookie, workspaceOf(caller));
    // A browser sends the cookie whichever site's page asks.
    if (actor) refuseForeignPage(caller, origins, caller.method !== 'GET');
    return actor;
  };
  return async (caller: Caller): Promise<Actor | undefined> => {
    const actor = await actorOf(caller);
    const wanted = workspaceOf(caller);
    if (actor && wanted !== undefined && wanted !== actor.workspaceId) throw notFound('workspace', wanted);
    return actor && { ...actor, address: addressOf(caller, proxies) };
  };
}

/** Chooses which of a person's workspaces is meant; a token has one. */
function workspaceOf(caller: Caller): number | undefined {
  const given = caller.header('x-nexus-workspace');
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(given)) return Number(given);
  throw invalidInput(
    'X-Nexus-Workspace',
    'The header X-Nexus-Workspace is no id; give one of GET /api/workspaces, or leave it out.',
  );
}

/** The caller's address: the connection's, or where the outermost trusted proxy saw the call come from. */
export function addressOf(caller: Caller, proxies: number): string | undefined {
  if (proxies > 0) {
    const seen = (caller.header('x-forwarded-for') ?? '').split(',').at(-proxies)?.trim();
    if (seen && /^[0-9A-Fa-f.:]{2,45}$/.test(seen)) return seen;
  }
  return caller.remoteAddress()?.replace(/^::ffff:/, '');
}

/** A browser names the page's site in `Origin`, on every call that may change something. */
export function refuseForeignPage(caller: Caller, origins: readonly string[], isRequired = false): void {
  const origin = caller.header('origin');
  if (origin === undefined && !isRequired) return;
  if (origin !== undefined && origins.includes(origin)) return;
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host === caller.header('host')) return;
  const page = origin === undefined ? 'A call that names no page' : `Pages of ${origin.slice(0, 200)}`;
  throw new NexusError('forbidden', `${page} may not call in a person’s name; see NEXUS_ORIGINS, or use a token.`);
}

function refuseForeignName(caller: Caller): void {
  const host = caller.header('host') ?? '';
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '') : '';
  if (isLoopback(name)) return;
  throw new NexusError('forbidden', 'While NEXUS_AUTH is off, the server answers to localhost and 127.0.0.1 only.');
}
