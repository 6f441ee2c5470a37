import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import type { ListModulesInput, QloraModule } from './contract.ts';
import { findModule, selectModules } from './store.ts';

/** Throws `not_found`. */
export async function getModule(stores: Stores, actor: Actor, { id }: { id: number }): Promise<QloraModule> {
  return requireModule(stores.db, actor, id);
}

/** A module, in or out of a transaction. Throws `not_found`. */
export async function requireModule(db: Database, actor: Actor, id: number): Promise<QloraModule> {
  const module = await findModule(db, actor, id);
  if (!module) throw notFound('module', id);
  return module;
}

/** The workspace's modules, or those of one topology, newest first, in pages. */
export async function listModules(
  stores: Stores,
  actor: Actor,
  input: ListModulesInput,
): Promise<{ items: QloraModule[]; nextCursor: string | null }> {
  const found = await selectModules(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (module) => [module.id]);
}
