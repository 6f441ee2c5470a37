import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { type FeedRow, newestPosition, readFeed } from './store.ts';

/** A signal may be lost; a subscription then looks by itself. */
const pollMs = 5_000;
const batch = 200;

type Asked = Readonly<{
  databases: readonly string[];
  /** `topology-12`, or an experiment's id; undefined for all. */
  scope: string | undefined;
  /** The position behind which to go on; `now` for what comes from here on. */
  after: number | 'now';
}>;

export const topicOf = (workspaceId: number, scope: string) => `documents:${workspaceId}:${scope}`;

/**
 * The changes of documents in the order of their positions, as they come, until `signal` aborts. A document that changed
 * several times in between is there once, with its newest revision.
 */
export async function* followFeed(
  stores: Stores,
  actor: Actor,
  { databases, scope, after }: Asked,
  signal: AbortSignal | undefined,
): AsyncGenerator<FeedRow[], void, unknown> {
  using news = stores.signals.arm(topicOf(actor.workspaceId, scope ?? ''));
  let position = after === 'now' ? await newestPosition(stores.db, actor) : after;
  while (!signal?.aborted) {
    const rows = await readFeed(stores.db, actor, { databases, scope, after: position, limit: batch });
    const last = rows.at(-1);
    if (last) {
      position = last.position;
      yield rows;
    }
    if (rows.length < batch) await news.next(pollMs, signal);
  }
}
