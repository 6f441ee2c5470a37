import { invalidInput, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Dataset } from './contract.ts';
import { findDataset, findVersion } from './store.ts';

/** The row of a dataset, in or out of a transaction. Throws `not_found`. */
export async function requireDataset(db: Database, actor: Actor, id: number): Promise<Dataset> {
  const dataset = await findDataset(db, actor, id);
  if (!dataset) throw notFound('dataset', id);
  return dataset;
}

/** Refuses a version that a dataset does not have, as `invalid_input` of this field. */
export async function requireVersion(
  db: Database,
  actor: Actor,
  { datasetId, version, field }: { datasetId: number; version: number; field: string },
): Promise<void> {
  const { newest, isThere } = await findVersion(db, actor, datasetId, version);
  if (isThere) return;
  const has = newest === 0 ? 'no version yet' : `the versions 1 to ${newest}`;
  const remedy = newest === 0 ? 'ingest a file into it, or leave the version out' : 'name one of them, or none';
  throw invalidInput(field, `${field} is ${version}, but dataset ${datasetId} has ${has}; ${remedy}.`, {
    value: version,
  });
}

/** A dataset. Throws `not_found`. */
export const getDataset = (stores: Stores, actor: Actor, { id }: { id: number }): Promise<Dataset> =>
  requireDataset(stores.db, actor, id);
