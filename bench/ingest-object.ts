/**
 * A JSONL file of `--rows` chunks (1,000,000 where it is left out), read into a dataset by `datasets.ingest` from the object
 * store: rows a second, and the server's memory at each tenth. Goal: flat. `--distinct` makes that many different texts of
 * them, each coming again and again: the server reads, checks and sends every line all the same, PostgreSQL has less to index.
 */
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createNexusClient } from '@topology-nexus/client';
import { freshDatabase } from './support/databases.ts';
import { objectStoreOf } from './support/objects.ts';
import { requireDatabaseUrl, residentMiBOf, startServerProcess } from './support/server.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const { values } = parseArgs({
  args: process.argv.slice(3),
  strict: false,
  options: { rows: { type: 'string' }, distinct: { type: 'string' } },
});
const rows = Number(values.rows ?? 1_000_000);
const distinct = Number(values.distinct ?? rows);

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
const resident: number[] = [];
let told = 0;
let peak = 0;
const timer = setInterval(() => {
  peak = Math.max(peak, residentMiBOf(server.pid));
}, 50);
await new Promise<void>((resolve, reject) => {
  nexus.datasets.followIngest.subscribe(
    { id },
    {
      onData({ data: { lineCount, status, error } }) {
        if (status === 'failed') reject(new Error(error ?? 'The ingest failed.'));
        const tenth = Math.floor((lineCount * 10) / rows);
        if (tenth <= told) return;
        told = tenth;
        resident.push(peak);
        say(`${lineCount} lines in ${secondsSoFar().toFixed(0)} s: at most ${peak.toFixed(0)} MiB since the last line`);
        peak = 0;
      },
      onComplete: resolve,
      onError: reject,
    },
  );
});
clearInterval(timer);
const seconds = secondsSoFar();
const { newCount } = await nexus.datasets.getIngest.query({ id });
const [early = Number.NaN, late = Number.NaN] = [resident[1], resident.at(-1)];
say(
  `ingest from an object: ${(rows / seconds).toFixed(0)} lines/s, ${newCount} new; memory ${early.toFixed(0)} MiB in the second tenth, ${late.toFixed(0)} MiB in the last (goal: flat)`,
);

/** Vectors of 8 random numbers repeated, which cost nothing to make, and texts of 60 words. */
async function write(to: string): Promise<void> {
  const file = createWriteStream(to);
  const words = Array.from({ length: 2000 }, (_, at) => `word${at}`);
  for (let at = 0; at < rows; at += 1) {
    const seed = at % distinct;
    const vector = Float32Array.from({ length: 384 }, (_, axis) => Math.sin(seed * (1 + (axis % 8)) + axis));
    const text = Array.from({ length: 60 }, (_, place) => words[(seed * 31 + place * place * 17) % words.length]);
    const embedding = Buffer.from(vector.buffer).toString('base64');
    const line = JSON.stringify({ content: `${seed} ${text.join(' ')}`, embedding, metadata: { seed } });
    if (!file.write(`${line}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}
