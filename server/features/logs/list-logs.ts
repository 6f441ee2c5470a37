import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { listObjects, type StoredObject } from '../objects/index.ts';
import type { ListLogsInput } from './contract.ts';

/** The workspace's logs, of one day or of all, newest first, in pages. */
export function listLogs(
  stores: Stores,
  actor: Actor,
  { date, limit, cursor }: ListLogsInput,
): Promise<{ items: StoredObject[]; nextCursor: string | null }> {
  const prefix = date === undefined ? undefined : `logs/${date}/`;
  return listObjects(stores, actor, { kind: 'log', status: 'ready', prefix, limit, cursor });
}
