/** The baseline of `npm run bench -- search`: the bare SQL by postgres.js on so many connections, and nothing else. */
import postgres from 'postgres';
import { benchChunks } from './chunks.ts';

const connections = Number(process.env.BENCH_CONNECTIONS);
const seconds = Number(process.env.BENCH_SECONDS);
const sql = postgres(process.env.DATABASE_URL ?? '', {
  max: connections,
  connection: { 'hnsw.ef_search': Number(process.env.BENCH_EF_SEARCH) },
});
const datasetId = Number(process.env.BENCH_DATASET);
const [dataset] = await sql<
  { workspace: string }[]
>`select workspace_id as workspace from datasets where id = ${datasetId}`;
const workspaceId = dataset?.workspace ?? '';
const vectors = benchChunks().queries.map((query) => `[${query.join(',')}]`);
const search = (vector: string) => sql`
  select id, dataset_id, content, metadata, created_at, created_by, embedding <=> ${vector}::vector as distance
  from semantic_chunks where workspace_id = ${workspaceId} and dataset_id = ${datasetId}
  order by distance limit 10`;

async function load(forSeconds: number): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + forSeconds * 1000;
  let done = 0;
  const work = async (offset: number) => {
    for (let at = offset; performance.now() < endsAt; at += 1) {
      await search(vectors[at % vectors.length] ?? '');
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, place) => work(place * 17)));
  return done / ((performance.now() - startedAt) / 1000);
}
await load(1);
process.stdout.write(`rate ${await load(seconds)}\n`);
await sql.end();
