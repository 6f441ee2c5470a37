import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Actor, Role } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { gathered } from '../gathered.ts';
import { hashSecret, isSecretShaped } from './secret.ts';
import { findLivingTokens, type LivingToken, writeLastUses } from './store.ts';

const scopeRoles: Record<'read' | 'write' | 'admin', Role> = { read: 'viewer', write: 'editor', admin: 'owner' };
const order: readonly Role[] = ['viewer', 'editor', 'owner'];

/** How old what is known of a token may be, revocation by another server included. */
const freshMs = 10_000;
const lastUseMs = 30_000;
/**
 * Look-ups that arrive while one is under way, or within this time of its beginning, go together: wrong tokens hold one
 * connection at most, for a hundred queries a second at most, however many come.
 */
const lookUpEveryMs = 10;
const mostHashes = 1_000;

/** The topic by which servers tell each other that some credential has changed. */
export const accessTopic = 'access';

export type Authenticator = AsyncDisposable & {
  /**
   * The actor of a secret, or undefined. A warm one costs no query; a change is seen within 10 s, on the server that
   * makes it at once. A use is written down within 30 s.
   */
  actorOf(secret: string): Promise<Actor | undefined>;
  /** A secret that is asked about more than once, and hashed once. */
  present(secret: string): Presented;
};

export type Presented = {
  /** Whether it opens anything; answered at once where it is known. */
  isGood(): boolean | Promise<boolean>;
  /** The result of `actorOf` at the time of the call. */
  actor(): Promise<Actor | undefined>;
};

type Known = { actor: Actor | undefined; expiresAtMs: number };

/** Keeps what is known of the latest 10,000 good tokens for 10 s, and by itself of as many wrong ones. */
export function createAuthenticator({ db, log, signals }: Pick<Stores, 'db' | 'log' | 'signals'>): Authenticator {
  // Apart, so that a flood of wrong tokens pushes no good one out.
  const good = new LRUCache<string, Known>({ max: 10_000, ttl: freshMs });
  const wrong = new LRUCache<string, Known>({ max: 10_000, ttl: freshMs });
  const uses = new Map<string, Date>();
  // A token read before a change must not be cached after it.
  let generation = 0;
  const stopListening = signals.subscribe(accessTopic, () => {
    generation += 1;
    good.clear();
    wrong.clear();
  });

  const lookUp = gathered(
    mostHashes,
    async (hashes: readonly string[]) => {
      const readIn = generation;
      const found = new Map((await findLivingTokens(db, hashes)).map((token) => [token.tokenHash, token]));
      return hashes.map((hash): Known => {
        const token = found.get(hash);
        const known = token && isSame(token.tokenHash, hash) ? toKnown(token) : nobody;
        if (readIn === generation) (known.actor ? good : wrong).set(hash, known);
        return known;
      });
    },
    lookUpEveryMs,
  );
  const writeUses = async () => {
    if (uses.size === 0) return;
    const batch = [...uses].map(([id, at]) => ({ id, at }));
    uses.clear();
    await writeLastUses(db, batch).catch((error: unknown) => {
      log.warn({ err: error }, 'The last use of some tokens could not be written.');
    });
  };
  const timer = setInterval(writeUses, lastUseMs);

  const knownOf = (hash: string | undefined): Known | Promise<Known> =>
    hash === undefined ? nobody : (good.get(hash) ?? wrong.get(hash) ?? lookUp(hash));
  const isLiving = ({ actor, expiresAtMs }: Known) => actor !== undefined && expiresAtMs > Date.now();

  const present = (secret: string): Presented => {
    const hash = isSecretShaped(secret) ? hashSecret(secret) : undefined;
    return {
      isGood() {
        const known = knownOf(hash);
        return known instanceof Promise ? known.then(isLiving) : isLiving(known);
      },
      async actor() {
        const found = knownOf(hash);
        const known = found instanceof Promise ? await found : found;
        if (!known.actor || !isLiving(known)) return undefined;
        if (known.actor.tokenId) uses.set(known.actor.tokenId, new Date());
        return known.actor;
      },
    };
  };

  return {
    present,
    actorOf: (secret) => present(secret).actor(),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stopListening();
      await writeUses();
    },
  };
}

const nobody: Known = { actor: undefined, expiresAtMs: Number.POSITIVE_INFINITY };

function toKnown(token: LivingToken): Known {
  // The lesser of what the user may and what the token was made for.
  const role = order[Math.min(order.indexOf(token.role), order.indexOf(scopeRoles[token.scope]))] ?? 'viewer';
  const actor: Actor = {
    userId: token.userId,
    workspaceId: token.workspaceId,
    role,
    isAdmin: token.isAdmin && token.scope === 'admin',
    tokenId: token.id,
  };
  return { actor, expiresAtMs: token.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY };
}

/** Compares in a time that tells nothing of where they differ. Both are SHA-256 in hexadecimal. */
function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
