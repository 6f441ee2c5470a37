import { notFound } from '../../errors.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import type { Dataset } from './contract.ts';
import { findDataset } from './store.ts';

/** The row of a dataset, in or out of a transaction. Throws `not_found`. */
export async function requireDataset(db: Database, actor: Actor, id: number): Promise<Dataset> {
  const dataset = await findDataset(db, actor, id);
  if (!dataset) throw notFound('dataset', id);
  return dataset;
}

/** A dataset. Throws `not_found`. */
export const getDataset = (stores: Stores, actor: Actor, { id }: { id: number }): Promise<Dataset> =>
  requireDataset(stores.db, actor, id);
