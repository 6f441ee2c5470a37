import { hash, randomBytes } from 'node:crypto';

/** 256 random bits behind a prefix by which secret scanners can find them. */
export function newSecret(prefix: 'nexus' | 'invite' = 'nexus'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

export const isSecretShaped = (text: string) => /^nexus_[A-Za-z0-9_-]{43}$/.test(text);

/** Every call is made with a token: a hash that is no stream takes half the time. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}
