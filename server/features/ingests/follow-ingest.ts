import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { DatasetIngest, FollowIngestInput } from './contract.ts';
import { getIngest } from './get-ingest.ts';
import { ingestTopic } from './topics.ts';

/** A signal may be lost; the row is looked at this often all the same. */
const lookAgainMs = 5_000;

/** How an ingest goes on, each state once, until it is finished. Throws `not_found`. */
export async function* followIngest(
  stores: Stores,
  actor: Actor,
  { id, lastEventId }: FollowIngestInput,
  signal?: AbortSignal,
): AsyncGenerator<{ id: string; item: DatasetIngest }, void, unknown> {
  using news = stores.signals.arm(ingestTopic(id));
  let seen = lastEventId ?? undefined;
  while (!signal?.aborted) {
    const item = await getIngest(stores, actor, { id });
    const state = `${item.status}-${item.lineCount}-${item.newCount}`;
    if (state !== seen) yield { id: state, item };
    seen = state;
    if (item.status !== 'running') return;
    await news.next(lookAgainMs, signal);
  }
}
