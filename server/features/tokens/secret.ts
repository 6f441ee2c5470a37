import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits behind a prefix by which secret scanners can find them. */
export function newSecret(prefix: 'nexus' | 'invite' = 'nexus'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

export const isSecretShaped = (text: string) => /^nexus_[A-Za-z0-9_-]{43}$/.test(text);

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
