import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../stores/postgres.ts';
import type { Actor, Role } from '../actor.ts';
import { findLivingToken } from './store.ts';

const scopeRoles: Record<'read' | 'write' | 'admin', Role> = { read: 'viewer', write: 'editor', admin: 'owner' };
const order: readonly Role[] = ['viewer', 'editor', 'owner'];

/** 256 random bits behind a prefix by which secret scanners can find them. */
export function newSecret(): string {
  return `nexus_${randomBytes(32).toString('base64url')}`;
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export type Authenticator = {
  /** The actor of a secret, or undefined. A warm one costs no query; a change is seen within 10 s, here at once. */
  actorOf(secret: string): Promise<Actor | undefined>;
  /** Forgets what is kept of a token, so that its revocation holds at once. */
  forget(tokenHash: string): void;
};

/** Keeps the actors of the latest tokens for 10 s, and of wrong ones that they are wrong. */
export function createAuthenticator(db: Database): Authenticator {
  const known = new LRUCache<string, { actor: Actor | undefined; expiresAtMs: number }>({ max: 10_000, ttl: 10_000 });
  return {
    async actorOf(secret) {
      if (!secret.startsWith('nexus_') || secret.length > 100) return undefined;
      const tokenHash = hashSecret(secret);
      let found = known.get(tokenHash);
      if (!found) {
        const token = await findLivingToken(db, tokenHash);
        found = {
          actor: token && toActor(token),
          expiresAtMs: token?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
        };
        known.set(tokenHash, found);
      }
      return found.expiresAtMs > Date.now() ? found.actor : undefined;
    },
    forget(tokenHash) {
      known.delete(tokenHash);
    },
  };
}

function toActor(token: NonNullable<Awaited<ReturnType<typeof findLivingToken>>>): Actor {
  // The lesser of what the user may and what the token was made for.
  const role = order[Math.min(order.indexOf(token.role), order.indexOf(scopeRoles[token.scope]))] ?? 'viewer';
  return {
    userId: token.userId,
    workspaceId: token.workspaceId,
    role,
    isAdmin: token.isAdmin && token.scope === 'admin',
    tokenId: token.id,
  };
}
