import type { IncomingMessage } from 'node:http';
import { invalidInput, NexusError } from '../errors.ts';
import type { Route } from '../procedure/route.ts';
import { restPaths } from './rest-paths.ts';

const mebibyte = 1024 * 1024;
/** The most calls that one request of tRPC may carry. */
export const maxBatchCalls = 50;
/** The most bytes that a caller without a credential may send in one request. */
export const strangerBodyBytes = 64 * 1024;
/** The most that any request may carry, a batch of large calls included. */
export const mostBodyBytes = 64 * mebibyte;
/** One free JSON object of at most 16 MiB, and what stands beside it. */
const usualBodyMiB = 20;

/** The call, or the batch of calls, that a request asks for. Everything that bounds a request reads it here. */
export type Target = {
  door: 'trpc' | 'rest' | 'auth' | 'other';
  /** Without the query. */
  path: string;
  /** The procedures that are called; empty where there is none at this path. */
  procedures: readonly string[];
  /** How many calls the limits count. */
  calls: number;
  /** Whether every one of them is answered without a credential. */
  isOpen: boolean;
  isSubscription: boolean;
  /** The most bytes of body that are read; 0 where no body is. */
  bodyBytes: number;
};

/**
 * Reads the target of a request as those who answer it will: tRPC decodes the whole path and splits it at its commas, Hono
 * decodes what is escaped. Throws `invalid_input` for a target that they could read otherwise, and for too many calls.
 */
export function targetsOf(routes: readonly Route[]): (incoming: IncomingMessage) => Target {
  const byProcedure = new Map(routes.map((route) => [route.procedure, route]));
  const restRoute = restPaths(routes, (route) => route);

  const calls = (door: 'trpc' | 'rest', path: string, names: readonly string[], method: string): Target => {
    const found = names.map((name) => byProcedure.get(name));
    const known = found.filter((route) => route !== undefined);
    const isRead = method === 'POST' || method === 'PUT' || method === 'PATCH';
    const bodyMiB = known.reduce((sum, { definition }) => sum + (definition.bodyMiB ?? usualBodyMiB), 0);
    return {
      door,
      path,
      procedures: known.map(({ procedure }) => procedure),
      calls: Math.max(1, names.length),
      isOpen: names.length > 0 && found.every((route) => route?.definition.role === 'anyone'),
      isSubscription: known[0]?.type === 'subscription',
      bodyBytes: isRead ? Math.min(bodyMiB * mebibyte, mostBodyBytes) : 0,
    };
  };

  return ({ url = '', method = '' }) => {
    const [path = ''] = url.split('?', 1);
    if (path.startsWith('/trpc/')) {
      const names = decoded(plain(path).slice('/trpc/'.length).replace(/\/$/, '')).split(',');
      if (names.length > maxBatchCalls) {
        throw invalidInput(
          'path',
          `The request has ${names.length} calls; send at most ${maxBatchCalls} in one request.`,
          {
            calls: names.length,
            maxCalls: maxBatchCalls,
          },
        );
      }
      return calls('trpc', path, names, method);
    }
    if (path.startsWith('/api/')) {
      const below = plain(path).slice('/api'.length);
      if (below === '/openapi.json') return { ...other(path), door: 'rest', isOpen: true };
      const found = restRoute(method === 'HEAD' ? 'GET' : method, below);
      return calls('rest', path, found ? [found.what.procedure] : [], method);
    }
    if (path.startsWith('/auth/')) return { ...other(plain(path)), door: 'auth', bodyBytes: strangerBodyBytes };
    if (!otherPaths.has(path))
      throw new NexusError('not_found', 'There is nothing at this path; the reference is at /docs.');
    return other(path);
  };
}

/** All that is answered beside calls and sign-in. */
const otherPaths: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics', '/docs']);

const other = (path: string): Target => ({
  door: 'other',
  path,
  procedures: [],
  calls: 1,
  isOpen: true,
  isSubscription: false,
  bodyBytes: 0,
});

/** A path that a URL parser leaves as it is: no backslash, no dots to resolve, no empty segment. */
function plain(path: string): string {
  if (/^(?:\/(?!(?:\.|%2e){1,2}(?:\/|$))[!$-.0-;=@-[\]_a-z~]+)+\/?$/i.test(path)) return path;
  throw invalidInput('path', 'The path has empty segments, dots to resolve or characters to escape; write it plainly.');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidInput('path', 'The path has a "%" that begins no escape of UTF-8; write it as %25.');
  }
}
