/**
 * Rows a second of `chunks.addMany` by the client over HTTP, four calls of 1,000 chunks at a time, beside a bare postgres.js
 * process with binary COPY on four connections: the same rows, each into an empty table with the same indexes. Goal: 0.6.
 */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createNexusClient } from '@topology-nexus/client';
import { benchChunks, filterFields } from './support/chunks.ts';
import { freshDatabase } from './support/databases.ts';
import { requireDatabaseUrl, startServerProcess } from './support/server.ts';

const calls = 4;
const batchSize = 1000;
const DATABASE_URL = requireDatabaseUrl();
const { chunks, describe } = benchChunks();
process.stdout.write(`${describe}\n`);

async function bare(): Promise<number> {
  await using database = await freshDatabase(DATABASE_URL);
  const file = fileURLToPath(new URL('./support/bare-ingest.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--no-warnings', file, '-', ...process.argv.slice(3)], {
    env: { ...process.env, DATABASE_URL: database.url },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Number(output.match(/^rate (\S+)/m)?.[1]);
}

async function ours(): Promise<number> {
  await using database = await freshDatabase(DATABASE_URL);
  await using server = await startServerProcess({ DATABASE_URL: database.url });
  const client = createNexusClient(server);
  const { id: datasetId } = await client.datasets.create.mutate({ name: 'bench' });
  const startedAt = performance.now();
  let next = 0;
  async function work() {
    for (let from = next; from < chunks.length; from = next) {
      next += batchSize;
      const batch = chunks.slice(from, from + batchSize);
      await client.chunks.addMany.mutate({
        datasetId,
        chunks: batch.map((chunk, at) => ({ ...chunk, metadata: filterFields(from + at) })),
      });
    }
  }
  await Promise.all(Array.from({ length: calls }, work));
  const rate = chunks.length / ((performance.now() - startedAt) / 1000);
  const { chunkCount } = await client.datasets.get.query({ id: datasetId });
  if (chunkCount !== chunks.length) throw new Error(`${chunkCount} of ${chunks.length} chunks are there.`);
  return rate;
}

const [reference, mine] = [await bare(), await ours()];
process.stdout.write(
  `ingest of ${chunks.length} chunks: ours ${mine.toFixed(0)} rows/s, bare COPY ${reference.toFixed(0)} rows/s, ratio ${(mine / reference).toFixed(2)} (goal 0.6)\n`,
);
