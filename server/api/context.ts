import type { Actor } from '../features/actor.ts';
import type { Authenticator } from '../features/tokens/index.ts';
import type { Stores } from '../stores/stores.ts';

/** What one request brings to a procedure. `actor` is undefined where no credential was given. */
export type Context = {
  stores: Stores;
  actor: Actor | undefined;
  requestId: string;
  authenticator: Authenticator;
  /** Fills in `system.info` and `system.health`. */
  server: ServerFacts;
};

export type ServerFacts = {
  version: string;
  startedAt: Date;
  /** Which stores are embedded. */
  embedded: { postgres: boolean; objects: boolean; documents: boolean };
};
