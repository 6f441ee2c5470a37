import type { Actor } from '../procedure/actor.ts';
import { kindsOf } from '../procedure/definition.ts';
import type { Stores } from '../stores/stores.ts';
import type { Accounts } from './accounts/index.ts';

export type ServerFacts = {
  version: string;
  startedAt: Date;
  /** Which stores are embedded. */
  embedded: { postgres: boolean; objects: boolean; documents: boolean };
};

/** Everything that a call brings to its verb beside its input. */
export type VerbContext = {
  stores: Stores;
  accounts: Accounts;
  /** The caller's address. */
  address: string | undefined;
  /** Fills in `system.info`. */
  server: ServerFacts;
};

export const { query, mutation, subscription } = kindsOf<VerbContext, Actor>();
