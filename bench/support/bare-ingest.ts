/**
 * The baseline of `npm run bench -- ingest`: postgres.js and its best insert, COPY in binary format straight into the
 * table on several connections, and nothing else: no HTTP, no check of a vector, no answer, no dedupe.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { toCopyBytes } from '../../server/stores/copy-bytes.ts';
import { benchChunks, filterFields } from './chunks.ts';

const connections = 4;
const batchSize = 1000;
const { chunks } = benchChunks();
const sql = postgres(process.env.DATABASE_URL ?? '', { max: connections });
const [workspace] = await sql<
  { id: string }[]
>`insert into workspaces (name, object_prefix) values ('bench', 'bench/') returning id`;
const [dataset] = await sql<
  { id: string }[]
>`insert into datasets (workspace_id, name) values (${workspace?.id ?? ''}, 'bench') returning id`;
const integer = (value: string | undefined) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value ?? 0));
  return bytes;
};
const [workspaceId, datasetId] = [integer(workspace?.id), integer(dataset?.id)];

const startedAt = performance.now();
let next = 0;
async function work() {
  for (let from = next; from < chunks.length; from = next) {
    next += batchSize;
    const rows = chunks
      .slice(from, from + batchSize)
      .map(({ content, embedding }, at) => [
        workspaceId,
        datasetId,
        content,
        createHash('sha256').update(content).digest('hex'),
        embedding,
        { jsonb: JSON.stringify(filterFields(from + at)) },
      ]);
    const copy =
      await sql`copy semantic_chunks (workspace_id, dataset_id, content, content_hash, embedding, metadata) from stdin with (format binary)`.writable();
    await pipeline(Readable.from([toCopyBytes(rows)]), copy);
  }
}
await Promise.all(Array.from({ length: connections }, work));
process.stdout.write(`rate ${chunks.length / ((performance.now() - startedAt) / 1000)}\n`);
await sql.end();
