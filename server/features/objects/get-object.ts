import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ObjectInput, StoredObject } from './contract.ts';
import { findObject, type ObjectRow, toStoredObject } from './store.ts';

/** The row of an object, in or out of a transaction. Throws `not_found`. */
export async function requireObject(db: Database, actor: Actor, id: string): Promise<ObjectRow> {
  const row = await findObject(db, actor, id);
  if (!row) throw notFound('object', id);
  return row;
}

/** An object whose bytes are there and checked. Throws `not_found`, and `precondition_failed` for a pending one. */
export async function requireReadyObject(db: Database, actor: Actor, id: string): Promise<StoredObject> {
  return toStoredObject(readyOnly(await requireObject(db, actor, id)));
}

/** The same with what callers do not see: where its bytes lie. */
export const requireReadyRow = async (db: Database, actor: Actor, id: string): Promise<ObjectRow> =>
  readyOnly(await requireObject(db, actor, id));

export function readyOnly(row: ObjectRow): ObjectRow {
  if (row.status === 'ready') return row;
  throw new NexusError(
    'precondition_failed',
    `Object ${row.id} (${row.key}) is still pending; send its bytes and complete it.`,
    {
      details: { id: row.id, status: row.status },
    },
  );
}

/** An object, pending or ready. Throws `not_found`. */
export async function getObject(stores: Stores, actor: Actor, { id }: ObjectInput): Promise<StoredObject> {
  return toStoredObject(await requireObject(stores.db, actor, id));
}
