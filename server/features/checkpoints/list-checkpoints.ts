import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeIdCursor, toPage } from '../cursor.ts';
import { requireOrigin } from '../objects/index.ts';
import type { Checkpoint, ListCheckpointsInput } from './contract.ts';
import { selectCheckpoints } from './store.ts';

/** A topology's checkpoints, newest first, in pages. Throws `not_found` for an unknown topology. */
export async function listCheckpoints(
  stores: Stores,
  actor: Actor,
  input: ListCheckpointsInput,
): Promise<{ items: Checkpoint[]; nextCursor: string | null }> {
  await requireOrigin(stores.db, actor, { topologyId: input.topologyId });
  const found = await selectCheckpoints(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (checkpoint) => [checkpoint.id]);
}
