import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { listObjects, type StoredObject } from '../objects/index.ts';
import type { ListArtifactsInput } from './contract.ts';

/** The workspace's artifacts, newest first, in pages. */
export function listArtifacts(
  stores: Stores,
  actor: Actor,
  { prefix, limit, cursor }: ListArtifactsInput,
): Promise<{ items: StoredObject[]; nextCursor: string | null }> {
  return listObjects(stores, actor, {
    kind: 'artifact',
    status: 'ready',
    prefix: prefix === undefined ? undefined : `artifacts/${prefix}`,
    limit,
    cursor,
  });
}
