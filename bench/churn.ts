/**
 * Measures the space that making and deleting leaves behind in the embedded PostgreSQL: on a fresh data directory,
 * callers make topologies with modules and context, runs with points, and chunks, and delete them again, for
 * CHURN_SECONDS (120). Prints the size of the folder as it goes, how much was made, and how long calls took. The folder
 * is flat where the last third of the time is no larger than the second.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createNexusClient } from '@topology-nexus/client';
import { startServerProcess } from './support/server.ts';

const seconds = Number(process.env.CHURN_SECONDS ?? 120);
const callers = 4;
const looks = 24;
const mebibyte = 1024 * 1024;

async function mebibytesOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    // It may be gone by now.
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
  }
  return bytes / mebibyte;
}

const directory = await mkdtemp(join(tmpdir(), 'nexus-churn-'));
const embedded = { DATABASE_URL: '', S3_ENDPOINT: '', COUCHDB_URL: '', NEXUS_DATA_DIR: directory };
const server = await startServerProcess(embedded);
try {
  const nexus = createNexusClient({ url: server.url, token: server.token });
  const tookMs: number[] = [];
  let made = 0;
  const endsAt = Date.now() + seconds * 1000;
  const timed = async <Result>(call: Promise<Result>): Promise<Result> => {
    const startedAt = performance.now();
    const result = await call;
    tookMs.push(performance.now() - startedAt);
    return result;
  };
  const churn = async () => {
    while (Date.now() < endsAt) {
      const name = randomUUID();
      const config = { notes: Array.from({ length: 40 }, () => randomUUID()) };
      const { id } = await timed(
        nexus.topologies.create.mutate({ name, architecture: 'gnn', config, modules: [{ name }] }),
      );
      const run = await timed(nexus.training.start.mutate({ topologyId: id, params: config }));
      const points = Array.from({ length: 500 }, (_, step) => ({ key: 'loss', step, value: Math.random() }));
      await timed(nexus.training.log.mutate({ runId: run.id, points }));
      const dataset = await timed(nexus.datasets.create.mutate({ name }));
      const chunks = Array.from({ length: 20 }, () => ({
        content: `${randomUUID()} `.repeat(20),
        embedding: Float32Array.from({ length: 384 }, () => Math.random() - 0.5),
      }));
      await timed(nexus.chunks.addMany.mutate({ datasetId: dataset.id, chunks }));
      await timed(nexus.datasets.delete.mutate({ id: dataset.id }));
      await timed(nexus.topologies.delete.mutate({ id }));
      made += 1;
    }
  };
  const work = Promise.all(Array.from({ length: callers }, churn));
  const sizes: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    await wait((seconds * 1000) / looks);
    const [all, log] = await Promise.all(
      ['postgres', 'postgres/pg_wal'].map((folder) => mebibytesOf(join(directory, folder))),
    );
    sizes.push(all ?? 0);
    process.stdout.write(
      `${Math.round(((look + 1) * seconds) / looks)} s: ${all?.toFixed(0)} MiB, of which ${log?.toFixed(0)} MiB write-ahead log; ${made} made and deleted\n`,
    );
  }
  await work;
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => tookMs[Math.floor((tookMs.length - 1) * share)]?.toFixed(1);
  const most = (from: number, to: number) => Math.max(...sizes.slice(from, to)).toFixed(0);
  process.stdout.write(
    `at most ${most(looks / 3, (looks * 2) / 3)} MiB in the second third of the time, ${most((looks * 2) / 3, looks)} MiB in the last; ${tookMs.length} calls took ${at(0.5)} ms (p50), ${at(0.99)} ms (p99), ${at(1)} ms at most\n`,
  );
} finally {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}
