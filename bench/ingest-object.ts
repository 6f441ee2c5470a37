/**
 * A JSONL file of `--lines` chunks (1,000,000 where it is left out), read into a dataset by `datasets.ingest` from the object
 * store: lines a second, and the server's least and greatest memory in each tenth. Goal: flat. The texts are numbered
 * variations of those that `--data` names, their vectors turned a little away and made unit vectors again; all are different,
 * or `--distinct` so many, each coming again and again: the server reads, checks and sends every line all the same, PostgreSQL
 * has less to index.
 */
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createNexusClient } from '@topology-nexus/client';
import { benchChunks } from './support/chunks.ts';
import { freshDatabase } from './support/databases.ts';
import { objectStoreOf } from './support/objects.ts';
import { requireDatabaseUrl, residentMiBOf, startServerProcess } from './support/server.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const { values } = parseArgs({
  args: process.argv.slice(3),
  strict: false,
  options: { lines: { type: 'string' }, distinct: { type: 'string' } },
});
const rows = Number(values.lines ?? 1_000_000);
const distinct = Number(values.distinct ?? rows);
const { chunks, describe } = benchChunks();
say(describe);

const DATABASE_URL = requireDatabaseUrl();
await using opened = new AsyncDisposableStack();
const store = await objectStoreOf(opened);
const database = opened.use(await freshDatabase(DATABASE_URL));
const server = opened.use(
  await startServerProcess({
    DATABASE_URL: database.url,
    S3_ENDPOINT: store.endpoint,
    S3_PUBLIC_ENDPOINT: store.endpoint,
    S3_ACCESS_KEY: store.accessKey,
    S3_SECRET_KEY: store.secretKey,
  }),
);
const nexus = createNexusClient(server);
const folder = mkdtempSync(join(tmpdir(), 'nexus-bench-jsonl-'));
opened.defer(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'chunks.jsonl');
await write(path);
const object = await nexus.uploads.file(path, { kind: 'dataset_file', datasetName: 'bench', name: 'chunks.jsonl' });
say(`${rows} lines, ${distinct} of them different, ${(object.sizeBytes / 2 ** 30).toFixed(2)} GiB`);
const { id: datasetId } = await nexus.datasets.create.mutate({ name: 'bench' });

const startedAt = performance.now();
const secondsSoFar = () => (performance.now() - startedAt) / 1000;
const { id } = await nexus.datasets.ingest.mutate({ datasetId, objectId: object.id });
const tenths: { least: number; greatest: number }[] = [];
let told = 0;
let seen: number[] = [];
const timer = setInterval(() => seen.push(residentMiBOf(server.pid)), 50);
await new Promise<void>((resolve, reject) => {
  nexus.datasets.followIngest.subscribe(
    { id },
    {
      onData({ data: { lineCount, status, error } }) {
        if (status === 'failed') reject(new Error(error ?? 'The ingest failed.'));
        const tenth = Math.floor((lineCount * 10) / rows);
        if (tenth <= told) return;
        told = tenth;
        const memory = seen.reduce(
          ({ least, greatest }, mib) => ({ least: Math.min(least, mib), greatest: Math.max(greatest, mib) }),
          { least: Number.POSITIVE_INFINITY, greatest: 0 },
        );
        tenths.push(memory);
        say(`${lineCount} lines in ${secondsSoFar().toFixed(0)} s: ${inWords(memory)} since the last line`);
        seen = [];
      },
      onComplete: resolve,
      onError: reject,
    },
  );
});
clearInterval(timer);
const seconds = secondsSoFar();
const { newCount } = await nexus.datasets.getIngest.query({ id });
const [early = { least: Number.NaN, greatest: Number.NaN }, late = early] = [tenths[1], tenths.at(-1)];
say(
  `ingest from an object: ${(rows / seconds).toFixed(0)} lines/s, ${newCount} new; memory ${inWords(early)} in the second tenth, ${inWords(late)} in the last (goal: flat)`,
);

function inWords({ least, greatest }: { least: number; greatest: number }): string {
  return `${least.toFixed(0)} to ${greatest.toFixed(0)} MiB`;
}

async function write(to: string): Promise<void> {
  const file = createWriteStream(to);
  for (let at = 0; at < rows; at += 1) {
    const seed = at % distinct;
    const base = chunks[seed % chunks.length];
    if (!base) throw new Error('There are no chunks to vary.');
    const variation = Math.floor(seed / chunks.length);
    const line = JSON.stringify({
      content: `${base.content} (${seed})`,
      embedding: Buffer.from(turned(base.embedding, variation).buffer).toString('base64'),
      metadata: { seed },
    });
    if (!file.write(`${line}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

/** A vector near another one, the same for the same `variation`. */
function turned(vector: Float32Array, variation: number): Float32Array {
  const near = vector.map((part, axis) => part + 0.02 * Math.sin(variation * (axis + 1) * 12.9898));
  const length = Math.hypot(...near);
  return near.map((part) => part / length);
}
