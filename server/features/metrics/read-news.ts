import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import { selectNews } from './store.ts';

/** A write has at most ten thousand points, so that one more always has a whole write in it. */
const pageSize = 10_001;

export type News = Awaited<ReturnType<typeof read>>;

/** Reads that were asked for in this moment and have not begun: one answers all who ask for the same. */
const asked = new WeakMap<Database, Map<string, Promise<News>>>();

/**
 * The points that a run's writes after a revision made or changed, whole writes in their order, and where the run stands;
 * `readTo` is the revision up to which they are complete. Undefined where the workspace has no such run. Many followers
 * of one run, woken by one signal, are answered by one read, which begins after the last of them asked.
 */
export function readNews(db: Database, actor: Actor, runId: number, after: number): Promise<News> {
  const waiting = asked.get(db) ?? new Map<string, Promise<News>>();
  asked.set(db, waiting);
  const key = `${actor.workspaceId}:${runId}:${after}`;
  const shared =
    waiting.get(key) ??
    new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      waiting.delete(key);
      return read(db, actor, runId, after);
    });
  waiting.set(key, shared);
  return shared;
}

async function read(db: Database, actor: Actor, runId: number, after: number) {
  const found = await selectNews(db, actor, runId, after, pageSize);
  const [first] = found;
  if (!first) return undefined;
  const { revision, status } = first;
  const isCut = found.length === pageSize;
  const last = found.at(-1)?.pointRevision ?? revision;
  const whole = isCut ? found.filter(({ pointRevision }) => pointRevision !== null && pointRevision < last) : found;
  const points = whole.flatMap(({ key, step, value, at }) =>
    key === null || step === null || value === null || at === null ? [] : [{ key, step, value, time: new Date(at) }],
  );
  return { revision, status, points, readTo: isCut ? (whole.at(-1)?.pointRevision ?? after) : revision };
}
