import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { allowLong, rows, type Transaction } from '../stores/postgres.ts';
import type { Stores } from '../stores/stores.ts';
import type { Deletion } from './contract.ts';

/** Count and size of the objects removed with rows; bytes that another row shares are not counted. */
export type RemovedBytes = { objectCount: number; objectBytes: number };

export const noBytes: RemovedBytes = { objectCount: 0, objectBytes: 0 };

export const addBytes = (a: RemovedBytes, b: RemovedBytes): RemovedBytes => ({
  objectCount: a.objectCount + b.objectCount,
  objectBytes: a.objectBytes + b.objectBytes,
});

class DryRunIsOver extends Error {}

/**
 * Runs a deletion in one transaction and tells what went: rows of each table, cascades included, as PostgreSQL itself counts
 * them. A dry run is the same transaction, rolled back, so that it tells exactly what the deletion would do; it holds the
 * same locks for as long. What was queued for the other stores is started after the commit.
 */
export async function runDeletion<Id extends number | string>(
  stores: Stores,
  { id, dryRun, documentCount = null }: { id: Id; dryRun: boolean; documentCount?: number | null },
  work: (tx: Transaction) => Promise<RemovedBytes>,
): Promise<Deletion & { id: Id }> {
  let outcome: (Deletion & { id: Id }) | undefined;
  try {
    await stores.db.transaction(async (tx) => {
      await allowLong(tx);
      const before = await deletedRows(tx);
      const removed = await work(tx);
      const after = await deletedRows(tx);
      const counted = [...after].flatMap(([table, count]) => {
        const rowCount = count - (before.get(table) ?? 0);
        return rowCount > 0 ? [{ table, rowCount }] : [];
      });
      outcome = { id, dryRun, rows: counted, ...removed, documentCount };
      if (dryRun) throw new DryRunIsOver();
    });
  } catch (error) {
    if (!(error instanceof DryRunIsOver)) throw error;
  }
  if (!outcome) throw new Error('A deletion ended without telling what it did.');
  if (!dryRun) stores.wakeRelay();
  return outcome;
}

const Counted = z.object({ table: z.string(), count: z.number() });

/** Rows that this connection deleted so far, by table; only differences within one transaction mean something. */
async function deletedRows(tx: Transaction): Promise<Map<string, number>> {
  const query = sql`select relname::text as "table", n_tup_del::float8 as count from pg_stat_xact_user_tables
    where schemaname = 'public' and relname <> 'outbox' order by relname`;
  const found = await rows(tx, query, Counted);
  return new Map(found.map(({ table, count }) => [table, count]));
}
