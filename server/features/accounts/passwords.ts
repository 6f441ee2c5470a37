import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { openPlaces } from './places.ts';

/** Half of the processors, so that the other half answers calls whatever strangers send. */
const threads = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
/** The last in the queue waits some 1.5 s, and twice as long for a change. */
const places = { inAll: 16 * threads, ofOneAddress: 8 };
/** They make room for everything else that wants the processor. */
const niceIncrement = 5;
const idleMs = 60_000;

export type Passwords = AsyncDisposable & {
  /** A place to be held while one calls the others. Throws at once where there is none, as `Places.take`. */
  place(address: string | undefined): Disposable;
  hash(password: string): Promise<string>;
  verify(given: { hash: string; password: string }): Promise<boolean>;
};

/**
 * scrypt on threads of its own: Node's work pool, where it runs otherwise, is the one by which files are read and names
 * looked up, and three hundred sign-ins would have all of that wait.
 */
export function openPasswords(): Passwords {
  const filename = new URL('./scrypt.ts', import.meta.url).href;
  const pool = new Piscina<{ password: string; salt: string }, string>({
    filename,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: idleMs,
    niceIncrement,
  });
  const { take } = openPlaces('sign-ins', places);
  return {
    place: take,
    async hash(password) {
      const salt = randomBytes(16).toString('hex');
      return `${salt}:${await pool.run({ password, salt })}`;
    },
    async verify({ hash, password }) {
      const [salt = '', key = ''] = hash.split(':');
      const [wanted, given] = [Buffer.from(key), Buffer.from(await pool.run({ password, salt }))];
      return wanted.length === given.length && timingSafeEqual(wanted, given);
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}
