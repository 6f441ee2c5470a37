import type { Logger } from 'pino';
import type { DocumentStore } from './documents.ts';
import type { Embedder } from './embeddings.ts';
import type { ObjectStore } from './objects.ts';
import type { Observe } from './observed.ts';
import type { Database } from './postgres.ts';
import type { Signals } from './signals.ts';

/** Everything that a domain function may reach. Only `addresses.ts` knows which server is behind each. */
export type Stores = {
  db: Database;
  /**
   * For statements of a few milliseconds that come by the hundred: they follow one another on few connections, which costs
   * PostgreSQL less than many that take turns. `db` where it is left out.
   */
  quick?: Database | undefined;
  objects: ObjectStore;
  documents: DocumentStore;
  log: Logger;
  /** Present where the environment names an embeddings endpoint. */
  embedder?: Embedder | undefined;
  /** A search compares at most so many chunks one by one; every one where it is left out. */
  exactChunks?: number | undefined;
  /** Time-out of that comparison; 8 s where it is left out. */
  exactTimeoutMs?: number | undefined;
  /** Wakes loops and subscriptions, here and on other servers. */
  signals: Signals;
  /** Present where traces are on. */
  observe?: Observe | undefined;
  /** Tells the relay that an effect was committed; it would find it later by itself. */
  wakeRelay: () => void;
};
