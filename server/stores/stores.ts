import type { Logger } from 'pino';
import type { DocumentStore } from './documents.ts';
import type { ObjectStore } from './objects.ts';
import type { Database } from './postgres.ts';

/** What a domain function may reach. Which server is behind each, only `addresses.ts` knows. */
export type Stores = {
  db: Database;
  objects: ObjectStore;
  documents: DocumentStore;
  log: Logger;
  /** Tells the relay that an effect was committed; it would find it later by itself. */
  wakeRelay: () => void;
};
