import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Model, ModelInput, ModelWithVersions } from './contract.ts';
import { findModel, selectVersions } from './store.ts';

const maxVersions = 200;

/** A model with its latest 200 versions, by its id or its name; digits are an id first. Throws `not_found`. */
export async function getModel(stores: Stores, actor: Actor, { id }: ModelInput): Promise<ModelWithVersions> {
  const model = await requireModel(stores.db, actor, id);
  return { ...model, versions: await selectVersions(stores.db, actor, model.id, { limit: maxVersions }) };
}

/** Finds a model by its id or its name; digits are tried as an id first. Throws `not_found`. */
export async function requireModel(db: Database, actor: Actor, idOrName: number | string): Promise<Model> {
  const id = Number(idOrName);
  const byId = Number.isSafeInteger(id) && id > 0 ? await findModel(db, actor, { id }) : undefined;
  const model = byId ?? (await findModel(db, actor, { name: String(idOrName) }));
  if (!model) throw notFound('model', idOrName);
  return model;
}
