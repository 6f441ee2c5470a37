import { scryptSync } from 'node:crypto';

/**
 * Takes 32 MB and some 80 ms of a processor. These numbers and the salt's form are better-auth's, so that its hashes
 * stay valid.
 */
const cost = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };
const keyBytes = 64;

/** Runs on a thread of its own, by `openPasswords`. The key in hexadecimal digits. */
export default function scryptOf({ password, salt }: { password: string; salt: string }): string {
  return scryptSync(password.normalize('NFKC'), salt, keyBytes, cost).toString('hex');
}
