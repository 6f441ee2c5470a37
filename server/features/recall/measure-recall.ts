import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { exactNeighbours, indexNeighbours, sampleChunks } from '../chunks/index.ts';
import { requireDataset } from '../datasets/index.ts';
import type { DatasetRecall, MeasureRecallInput } from './contract.ts';
import { insertRecalls, selectRecalls } from './store.ts';

/** Time for one measurement; the samples asked until then count. */
const budgetMs = 60_000;

type Tally = { hits: number; possible: number; took: number[] };

/**
 * Asks the index and every vector for the neighbours of the queries given, or of chunks drawn at random, and stores how many of them the
 * index found with each `efSearch`, and the times. A chunk itself, which both find, does not count. Throws `not_found`, and
 * `precondition_failed` for a dataset of fewer than two chunks.
 */
export async function measureRecall(
  stores: Stores,
  actor: Actor,
  { datasetId, k, queries, sampleCount, efSearch }: MeasureRecallInput,
): Promise<{ items: DatasetRecall[] }> {
  const { name, chunkCount } = await requireDataset(stores.db, actor, datasetId);
  if (chunkCount < 2) {
    throw new NexusError(
      'precondition_failed',
      `Dataset "${name}" has ${chunkCount} chunks; recall is measured with 2 or more.`,
      { details: { datasetId, chunkCount } },
    );
  }
  // No search looks at fewer candidates than it answers, and a chunk finds itself.
  const widths = [...new Set(efSearch.map((width) => Math.max(width, k + 1)))].sort((a, b) => a - b);
  const tallies = new Map<number, Tally>(widths.map((width) => [width, { hits: 0, possible: 0, took: [] }]));
  const exactTook: number[] = [];
  const endsAt = performance.now() + budgetMs;
  const asked =
    queries?.map((embedding) => ({ id: undefined, embedding })) ??
    (await sampleChunks(stores.db, actor, datasetId, sampleCount));
  for (const { id, embedding } of asked) {
    const query = { datasetId, embedding, limit: k + 1 };
    const exact = await timed(() => exactNeighbours(stores, actor, query));
    exactTook.push(exact.ms);
    const truth = new Set(exact.ids.filter((one) => one !== id).slice(0, k));
    for (const [width, tally] of tallies) {
      const found = await timed(() => indexNeighbours(stores, actor, query, width));
      tally.took.push(found.ms);
      tally.possible += truth.size;
      tally.hits += found.ids
        .filter((one) => one !== id)
        .slice(0, k)
        .filter((one) => truth.has(one)).length;
    }
    if (performance.now() > endsAt) break;
  }
  const measured = [...tallies].map(([width, { hits, possible, took }]) => ({
    datasetId,
    k,
    efSearch: width,
    recall: possible === 0 ? 1 : hits / possible,
    sampleCount: took.length,
    chunkCount,
    medianMs: quantile(took, 0.5),
    p95Ms: quantile(took, 0.95),
    exactMedianMs: quantile(exactTook, 0.5),
  }));
  return { items: await stores.db.transaction((tx) => insertRecalls(tx, actor, measured)) };
}

/** Recall measured on a dataset, newest first. Throws `not_found`. */
export async function listRecalls(
  stores: Stores,
  actor: Actor,
  { datasetId }: { datasetId: number },
): Promise<{ items: DatasetRecall[] }> {
  await requireDataset(stores.db, actor, datasetId);
  return { items: await selectRecalls(stores.db, actor, datasetId) };
}

async function timed(search: () => Promise<number[]>): Promise<{ ids: number[]; ms: number }> {
  const startedAt = performance.now();
  const ids = await search();
  return { ids, ms: performance.now() - startedAt };
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
