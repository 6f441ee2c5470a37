import { setTimeout as wait } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import type { Logger } from 'pino';
import { z } from 'zod';

const lookMs = 2_000;
/** After a failure, such as a full disk. */
const failedMs = 60_000;
const maxLogBytes = 64 * 1024 * 1024;
/**
 * PostgreSQL's own thresholds: so many rows, plus a share of all. Its autovacuum is a process of its own, which the
 * embedded one lacks.
 */
const leastRows = 500;
const shareOfRows = 0.1;
/** A vacuum of a vector index finds the neighbours of every row that is left anew, 2 ms each: callers wait for no more of them. */
const maxVectors = 400;

type Client = Pick<PGlite, 'query' | 'exec'>;

/**
 * Vacuums and analyzes the tables whose rows changed since the last time, and keeps the write-ahead log short, until it is
 * disposed of. A table at a time, so that callers get their turns in between; nothing is done while nothing is written.
 */
export function keepTidy(client: Client, log?: Pick<Logger, 'warn'>): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const work = async () => {
    let last = '';
    let isFirst = true;
    for (let pauseMs = lookMs; !signal.aborted; ) {
      await wait(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      pauseMs = lookMs;
      const failed = (facts: object) => {
        if (signal.aborted) return;
        log?.warn(facts, 'The embedded PostgreSQL could not be tidied up; it is tried again in a minute.');
        pauseMs = failedMs;
      };
      try {
        const { place, bytes } = await logOf(client);
        if (place === last) continue;
        if (bytes > maxLogBytes) await client.exec('checkpoint');
        for (const table of await untidyTables(client, isFirst)) {
          if (signal.aborted) return;
          // One that fails holds up no other.
          await vacuum(client, table).catch((err: unknown) => failed({ err, table: table.name }));
        }
        isFirst = false;
        last = (await logOf(client)).place;
      } catch (err) {
        failed({ err });
      }
    }
  };
  const working = work();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await working;
    },
  };
}

const Log = z.object({ place: z.string(), bytes: z.coerce.number() });

/** How far the log is written, and how much of it came after the last checkpoint. */
async function logOf(client: Client): Promise<z.infer<typeof Log>> {
  const { rows } = await client.query(`select pg_current_wal_insert_lsn()::text as place,
    pg_wal_lsn_diff(pg_current_wal_insert_lsn(), (pg_control_checkpoint()).redo_lsn)::float8 as bytes`);
  return Log.parse(rows[0]);
}

const Table = z.object({ name: z.string(), hasVectors: z.boolean() });
type Table = z.infer<typeof Table>;

/**
 * Tables with many changed rows. Changes before the start are not counted, so the first look takes all tables but small
 * ones.
 */
async function untidyTables(client: Client, isFirst: boolean): Promise<Table[]> {
  // A session tells what it did only now and then; the next statement sees it.
  await client.query('select pg_stat_force_next_flush()');
  const { rows } = await client.query(
    `select format('%I.%I', s.schemaname, s.relname) as name, exists (
        select 1 from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
        where i.indrelid = s.relid and a.amname = 'hnsw') as "hasVectors"
      from pg_stat_all_tables s
      where s.schemaname not like 'pg_toast%' and s.schemaname not like 'pg_temp%' and (
        greatest(s.n_dead_tup, s.n_mod_since_analyze, s.n_ins_since_vacuum) > $1::float8 + $2::float8 * s.n_live_tup
        or ($3::boolean and pg_table_size(s.relid) > 1048576))
      order by s.n_dead_tup desc`,
    [leastRows, shareOfRows, isFirst],
  );
  return rows.map((row) => Table.parse(row));
}

async function vacuum(client: Client, { name, hasVectors }: Table): Promise<void> {
  const isQuick = !hasVectors || (await countUpTo(client, name, maxVectors + 1)) <= maxVectors;
  // Leaving the indexes out frees the rows' space all the same, but for some bytes of each.
  await client.exec(`vacuum (analyze, index_cleanup ${isQuick ? 'on' : 'off'}) ${name}`);
}

async function countUpTo(client: Client, table: string, most: number): Promise<number> {
  const { rows } = await client.query(
    `select count(*)::float8 as count from (select from ${table} limit ${most}) found`,
  );
  return z.object({ count: z.number() }).parse(rows[0]).count;
}
