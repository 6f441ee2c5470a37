import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { ModelWithVersions, RemoveAliasInput, SetAliasInput } from './contract.ts';
import { getModel, requireModel } from './get-model.ts';
import { deleteAlias, lockModel, selectVersions, upsertAlias } from './store.ts';

/** Gives a version a name, which another version of the model loses. Throws `not_found`. */
export async function setAlias(
  stores: Stores,
  actor: Actor,
  { id, alias, version }: SetAliasInput,
): Promise<ModelWithVersions> {
  const model = await requireModel(stores.db, actor, id);
  await stores.db.transaction(async (tx) => {
    await lockModel(tx, actor, model.id);
    const [found] = await selectVersions(tx, actor, model.id, { version, limit: 1 });
    if (!found) throw notFound('model version', `${model.name} v${version}`);
    await upsertAlias(tx, actor, { modelId: model.id, alias, version });
    await recordAudit(tx, actor, 'models.setAlias', `model:${model.id}`, { alias, version });
  });
  return getModel(stores, actor, { id: model.id });
}

/** Takes a name away; the version stays. Throws `not_found`. */
export async function removeAlias(
  stores: Stores,
  actor: Actor,
  { id, alias }: RemoveAliasInput,
): Promise<ModelWithVersions> {
  const model = await requireModel(stores.db, actor, id);
  await stores.db.transaction(async (tx) => {
    if (!(await deleteAlias(tx, actor, model.id, alias))) throw notFound('alias', alias);
    await recordAudit(tx, actor, 'models.removeAlias', `model:${model.id}`, { alias });
  });
  return getModel(stores, actor, { id: model.id });
}
