import { invalidInput, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { readNews } from '../metrics/index.ts';
import type { FollowRunInput, RunNews } from './contract.ts';

/** News are looked for so often even where no signal came, since a signal may be lost. */
const lookMs = 10_000;

/**
 * Streams each point and change of status of a run once, from now on or after the last revision seen. The first item
 * says where the run stands. Ends with its caller, or with `not_found` where the run is deleted.
 */
export async function* followRun(
  stores: Stores,
  actor: Actor,
  { runId, lastEventId }: FollowRunInput,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ id: string; item: RunNews }, void, undefined> {
  using news = stores.signals.arm(`run:${runId}`);
  let seen = lastEventId === undefined ? undefined : Number(lastEventId);
  while (!signal?.aborted) {
    const read = await readNews(stores.db, actor, runId, seen ?? Number.MAX_SAFE_INTEGER);
    if (!read) throw notFound('training run', runId);
    if (seen !== undefined && seen > read.revision) {
      throw invalidInput(
        'lastEventId',
        `lastEventId ${seen} is later than revision ${read.revision} of run ${runId}; leave it out, or give one of this run.`,
        { value: seen },
      );
    }
    const upTo = seen === undefined ? read.revision : read.readTo;
    if (upTo !== seen) {
      seen = upTo;
      yield { id: String(upTo), item: { runId, revision: upTo, status: read.status, points: read.points } };
      continue;
    }
    await news.next(lookMs, signal);
  }
}
