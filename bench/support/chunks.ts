import { closeSync, openSync, readSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const dimensions = 384;

export type BenchChunk = { content: string; embedding: Float32Array };
export type BenchChunks = { describe: string; chunks: BenchChunk[]; queries: Float32Array[] };

const Line = z.looseObject({ content: z.string() });

/**
 * The chunks of a benchmark: `--data DIRECTORY` (or NEXUS_BENCH_DATA) names real ones, embeddings.f32 (raw little-endian
 * float32, 384 a row) and chunks.jsonl (`{"content": …}` a line) in it; without it, vectors are made up in clusters. The last
 * rows are kept out as queries. `--rows` limits them. A text that comes twice is taken once.
 */
export function benchChunks(queryCount = 500): BenchChunks {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    strict: false,
    options: { data: { type: 'string' }, rows: { type: 'string' } },
  });
  const rows = Number(values.rows ?? 100_000);
  const directory = typeof values.data === 'string' ? values.data : process.env.NEXUS_BENCH_DATA;
  const all = directory ? readChunks(directory, rows + queryCount) : madeUp(rows + queryCount);
  const chunks = all.slice(0, Math.min(rows, all.length - queryCount));
  return {
    describe: directory
      ? `${chunks.length} real embeddings`
      : `${chunks.length} made-up vectors (name real ones by --data DIRECTORY; demo/make has the script that makes them)`,
    chunks,
    queries: all.slice(chunks.length).map(({ embedding }) => embedding),
  };
}

function readChunks(directory: string, limit: number): BenchChunk[] {
  const lines = readHead(`${directory}/chunks.jsonl`, limit + Math.ceil(limit / 10));
  const file = openSync(`${directory}/embeddings.f32`, 'r');
  const chunks = new Map<string, BenchChunk>();
  try {
    for (const line of lines) {
      const embedding = new Float32Array(dimensions);
      const read = readSync(file, new Uint8Array(embedding.buffer), 0, dimensions * 4, null);
      if (read !== dimensions * 4) break;
      const { content } = Line.parse(JSON.parse(line));
      if (!chunks.has(content)) chunks.set(content, { content, embedding });
    }
  } finally {
    closeSync(file);
  }
  return [...chunks.values()].slice(0, limit);
}

/** The first lines of a file that may be far greater. */
function readHead(path: string, limit: number): string[] {
  const file = openSync(path, 'r');
  const piece = Buffer.alloc(1024 * 1024);
  const lines: string[] = [];
  let rest = Buffer.alloc(0);
  try {
    while (lines.length < limit) {
      const length = readSync(file, piece, 0, piece.length, null);
      if (length === 0) break;
      const bytes = Buffer.concat([rest, piece.subarray(0, length)]);
      const end = bytes.lastIndexOf(10) + 1;
      lines.push(...bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean));
      rest = Buffer.from(bytes.subarray(end));
    }
  } finally {
    closeSync(file);
  }
  return lines.slice(0, limit);
}

/** Around 1,000 centres in 40 directions, as embeddings of texts lie; the same in every run. */
function madeUp(count: number): BenchChunk[] {
  const random = generator(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const directions = Array.from({ length: 40 }, () => Float32Array.from({ length: dimensions }, normal));
  const centres = Array.from({ length: 1000 }, () => Float32Array.from({ length: 40 }, normal));
  return Array.from({ length: count }, (_, at) => {
    const centre = centres[Math.floor(random() * centres.length)] ?? new Float32Array(40);
    const embedding = new Float32Array(dimensions);
    for (const [axis, direction] of directions.entries()) {
      const weight = (centre[axis] ?? 0) + 0.5 * normal();
      for (let n = 0; n < dimensions; n += 1) embedding[n] = (embedding[n] ?? 0) + weight * (direction[n] ?? 0);
    }
    const length = Math.hypot(...embedding);
    return { content: `Chunk ${at} ${wordsOf(random, 80)}`, embedding: embedding.map((part) => part / length) };
  });
}

const wordsOf = (random: () => number, count: number) =>
  Array.from({ length: count }, () => `word${Math.floor(random() ** 3 * 5000)}`).join(' ');

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const filterFields = (at: number) => ({
  half: at % 2,
  tenth: at % 10,
  hundredth: at % 100,
  thousandth: at % 1000,
});
