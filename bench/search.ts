/**
 * Searches a second by tRPC over HTTP, k = 10, beside the bare SQL by postgres.js on as many connections and with the same
 * ef_search, in turn; recall@10 of both against every vector compared, and under filters that 50, 10, 1 and 0.1 % pass.
 * Goals: 0.85, recall 0.95, and always 10 rows. `--keep NAME` leaves the filled database for the next run, `--fill` only
 * fills it.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createNexusClient, type NexusClient } from '@topology-nexus/client';
import autocannon from 'autocannon';
import postgres from 'postgres';
import { transformer } from '../server/procedure/transformer.ts';
import { toCopyBytes } from '../server/stores/copy-bytes.ts';
import { type BenchChunk, benchChunks, filterFields } from './support/chunks.ts';
import { freshDatabase } from './support/databases.ts';
import { requireDatabaseUrl, startServerProcess } from './support/server.ts';

const k = 10;
const connections = 8;
const seconds = 6;
const rounds = 5;
const efSearch = Number(process.env.BENCH_EF_SEARCH ?? 100);
const recallQueries = 200;
const say = (line: string) => process.stdout.write(`${line}\n`);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const filters = [
  { share: '100 %', passes: () => true, filter: undefined },
  { share: '50 %', passes: (at: number) => at % 2 === 0, filter: { path: 'half', equals: 0 } },
  { share: '10 %', passes: (at: number) => at % 10 === 3, filter: { path: 'tenth', equals: 3 } },
  { share: '1 %', passes: (at: number) => at % 100 === 42, filter: { path: 'hundredth', equals: 42 } },
  { share: '0.1 %', passes: (at: number) => at % 1000 === 42, filter: { path: 'thousandth', equals: 42 } },
];

const DATABASE_URL = requireDatabaseUrl();
const { chunks, queries, describe } = benchChunks();
say(describe);
const { values: flags } = parseArgs({
  args: process.argv.slice(3),
  strict: false,
  options: { keep: { type: 'string' }, fill: { type: 'boolean' } },
});
await using database = await freshDatabase(DATABASE_URL, typeof flags.keep === 'string' ? flags.keep : undefined);
await using server = await startServerProcess({ DATABASE_URL: database.url });
const client = createNexusClient(server);
const { id: datasetId, places } = await filled();
if (!flags.fill) await compare();

async function compare(): Promise<void> {
  const nearest = queries.slice(0, recallQueries).map((query) => distancesTo(query, chunks));

  const truth = (passes: (at: number) => boolean) =>
    nearest.map((distances) =>
      [...distances.keys()]
        .filter(passes)
        .sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0))
        .slice(0, k),
    );
  for (const { share, passes, filter } of filters) {
    const { recall, fewest, ms } = await recallOf(client, truth(passes), filter);
    say(
      `filter ${share}: recall@10 ${recall.toFixed(3)} (goal 0.95), fewest rows ${fewest}, median ${ms.toFixed(1)} ms`,
    );
  }

  const measured = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    measured.bare.push(bare());
    measured.ours.push(await ours());
  }
  const [mine, reference] = [median(measured.ours), median(measured.bare)];
  // Each ratio compares two runs right after one another: a shared machine is faster in one minute than in the next.
  const ratios = measured.ours.map((rate, at) => rate / (measured.bare[at] ?? Number.NaN)).sort((a, b) => a - b);
  say(
    `search, k = 10, ef_search ${efSearch}, ${connections} connections: ours ${mine.toFixed(0)}/s, bare ${reference.toFixed(0)}/s, ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; goal 0.85)`,
  );
}

async function recallOf(nexus: NexusClient, expected: number[][], filter: (typeof filters)[number]['filter']) {
  let hits = 0;
  let fewest = k;
  const took: number[] = [];
  for (const [at, right] of expected.entries()) {
    const startedAt = performance.now();
    const found = await nexus.chunks.search.query({
      datasetIds: [datasetId],
      embedding: queries[at],
      k,
      filter,
      efSearch: filter ? undefined : efSearch,
    });
    took.push(performance.now() - startedAt);
    fewest = Math.min(fewest, found.items.length);
    hits += found.items.filter(({ chunk }) => right.includes(places.get(chunk.id) ?? -1)).length;
  }
  return { recall: hits / (expected.length * k), fewest, ms: median(took) };
}

async function ours(): Promise<number> {
  const requests = queries.map((embedding) => ({
    method: 'GET' as const,
    path: `/trpc/chunks.search?input=${encodeURIComponent(JSON.stringify(transformer.serialize({ datasetIds: [datasetId], embedding, k, efSearch })))}`,
    headers: { authorization: `Bearer ${server.token}` },
  }));
  const load = (duration: number) => autocannon({ url: server.url, connections, duration, requests });
  await load(1);
  const result = await load(seconds);
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} failed.`);
  return result.requests.average;
}

function bare(): number {
  const file = fileURLToPath(new URL('./support/bare-search.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--no-warnings', file, '-', ...process.argv.slice(3)], {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      BENCH_CONNECTIONS: String(connections),
      BENCH_SECONDS: String(seconds),
      BENCH_EF_SEARCH: String(efSearch),
      BENCH_DATASET: String(datasetId),
    },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Number(output.match(/^rate (\S+)/m)?.[1]);
}

async function filled(): Promise<{ id: number; places: Map<number, number> }> {
  const { items } = await client.datasets.list.query({ limit: 1 });
  const there = items.find(({ chunkCount }) => chunkCount === chunks.length);
  const { id } = there ?? (await client.datasets.create.mutate({ name: `bench-${chunks.length}` }));
  if (!there) await fill(database.url, id, chunks);
  return { id, places: await placesOf(database.url, id, chunks) };
}

/** The places of the chunks by their ids. */
async function placesOf(url: string, dataset: number, given: readonly BenchChunk[]): Promise<Map<number, number>> {
  const sql = postgres(url, { max: 1 });
  const ids = await sql<{ id: string; hash: string }[]>`
    select id, content_hash as hash from semantic_chunks where dataset_id = ${dataset}`;
  await sql.end();
  const places = new Map(given.map(({ content }, place) => [sha256(content), place]));
  return new Map(ids.map(({ id, hash }) => [Number(id), places.get(hash) ?? -1]));
}

/** Loads the chunks past the server, with the index made afterwards, which is several times as fast. */
async function fill(url: string, dataset: number, given: readonly BenchChunk[]): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const [index] = await sql<
    { indexdef: string }[]
  >`select indexdef from pg_indexes where indexname = 'semantic_chunks_embedding_idx'`;
  const [owner] = await sql<{ id: string }[]>`select workspace_id as id from datasets where id = ${dataset}`;
  await sql`drop index semantic_chunks_embedding_idx`;
  await sql`create temporary table given (place int8, content text, hash text, embedding vector, metadata jsonb)`;
  for (let from = 0; from < given.length; from += 5000) {
    const rows = given.slice(from, from + 5000).map(({ content, embedding }, at) => {
      const place = Buffer.alloc(8);
      place.writeBigInt64BE(BigInt(from + at));
      return [place, content, sha256(content), embedding, { jsonb: JSON.stringify(filterFields(from + at)) }];
    });
    const copy = await sql`copy given from stdin with (format binary)`.writable();
    await pipeline(Readable.from([toCopyBytes(rows)]), copy);
  }
  await sql`
    insert into semantic_chunks (workspace_id, dataset_id, content, content_hash, embedding, metadata)
    select ${owner?.id ?? ''}, ${dataset}, content, hash, embedding, metadata from given order by place`;
  await sql`update datasets set chunk_count = ${given.length} where id = ${dataset}`;
  await sql`set maintenance_work_mem = '1GB'`;
  await sql.unsafe(index?.indexdef ?? '');
  await sql`vacuum analyze semantic_chunks`;
  await sql.end();
}

function distancesTo(query: Float32Array, given: readonly BenchChunk[]): Float32Array {
  const lengthOf = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, part) => sum + part * part, 0));
  const queryLength = lengthOf(query);
  return Float32Array.from(given, ({ embedding }) => {
    let product = 0;
    for (let at = 0; at < embedding.length; at += 1) product += (embedding[at] ?? 0) * (query[at] ?? 0);
    return 1 - product / (queryLength * lengthOf(embedding));
  });
}
