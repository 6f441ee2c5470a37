import { NexusError } from '../../errors.ts';
import { allowLong } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { type ChunkRow, hashOf, type NewChunk, notTaken, storeChunks } from '../chunks/index.ts';
import { readObjectPieces } from '../objects/index.ts';
import type { IngestRefusal } from './contract.ts';
import { parseLine } from './parse-line.ts';
import { type Line, linesOf, maxLineBytes } from './read-lines.ts';
import { type ClaimedIngest, findObjectOf, finishIngest, insertHashes, insertRefusals, moveIngest } from './store.ts';
import { ingestTopic } from './topics.ts';

/** How many texts and refusals, from how many bytes of lines, are in memory at a time. */
const stepEntries = 1_000;
const stepBytes = 16 * 1024 * 1024;
/** Cost of a line besides its bytes: passing over a line takes time too. */
const lineBytes = 128;
/** Bytes of blank and refused lines that a file may have, beyond as many as its chunks have. */
const maxWasteBytes = 256 * 1024 * 1024;
/** Further cost of a refused line: saying why it is refused takes longer than reading it. */
const refusedBytes = 1024;
/** A step goes into the table in so many transactions at once: one alone leaves PostgreSQL's other cores idle. */
const lanes = 4;

/** Another server has the ingest, or it is canceled or gone: there is nothing more to do. */
class ClaimLost extends Error {
  override readonly name = 'ClaimLost';
}

/** A text that is to be stored, and where it came first. */
type Taken = NewChunk & { line: number };
type Step = { rows: Map<string, Taken>; refusals: IngestRefusal[]; lastLine: number; bytes: number };
/** Bytes of lines that are no chunk, and of those that are. */
type Waste = { bytes: number; taken: number };
type Lines = AsyncGenerator<Line, void, unknown>;
const emptyStep = (lastLine: number): Step => ({ rows: new Map(), refusals: [], lastLine, bytes: 0 });

export type Reading = {
  server: string;
  stopping: AbortSignal;
  /** Does a part of a step when it is this ingest's turn. */
  turn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Asked after each step: whether another ingest should have its place. */
  givesWay(): Promise<boolean>;
};

/**
 * Reads a file from the first line that is not stored, step by step, in flat memory. A step is repeatable: its texts are
 * stored once, and its lines are counted when all of them are. Answers false where it was stopped before the end, or gave
 * way to others.
 */
export async function readIngest(
  stores: Stores,
  ingest: ClaimedIngest,
  { server, stopping, turn, givesWay }: Reading,
): Promise<boolean> {
  const object = await findObjectOf(stores.db, ingest);
  if (!object) throw new NexusError('not_found', `The object ${ingest.objectId} is gone; upload it again.`);
  let bytesRead = 0;
  const pieces = (async function* () {
    for await (const piece of readObjectPieces(stores, ingest, object)) {
      bytesRead += piece.length;
      yield piece;
    }
  })();
  const lines = readable(linesOf(pieces), ingest);
  const waste = { bytes: 0, taken: 0 };
  let step = emptyStep(ingest.lineCount);
  try {
    for (;;) {
      const { line } = await turn(() => readStep(lines, step, waste, stores.embedder !== undefined));
      if (stopping.aborted) return false;
      refuseWaste(ingest, waste);
      if (line && step.bytes === 0) continue;
      // An endpoint may take its time: others go on meanwhile.
      const vectors = await embedded(stores, step);
      await turn(() => store(stores, ingest, server, { ...vectors, step, bytesRead }));
      if (!line) break;
      if (await givesWay()) return false;
      step = emptyStep(step.lastLine);
    }
    return await stores.db.transaction(async (tx) => {
      await allowLong(tx);
      return finishIngest(tx, ingest, server);
    });
  } catch (error) {
    if (error instanceof ClaimLost || isOfDatasetGone(error)) return false;
    throw error;
  } finally {
    await lines.return();
  }
}

/** Reads until a step is full. Lines that are stored already are passed over, so many at a time. Answers the last line, none at the end. */
async function readStep(lines: Lines, step: Step, waste: Waste, hasEmbedder: boolean): Promise<{ line?: Line }> {
  let passedBytes = 0;
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    if (line.value.number <= step.lastLine) {
      passedBytes += lineBytes + (line.value.bytes?.length ?? maxLineBytes);
      if (passedBytes >= stepBytes) return { line: line.value };
      continue;
    }
    take(step, line.value, waste, hasEmbedder);
    if (step.rows.size + step.refusals.length >= stepEntries || step.bytes >= stepBytes) return { line: line.value };
  }
  return {};
}

function refuseWaste({ objectId }: ClaimedIngest, { bytes, taken }: Waste): void {
  if (bytes <= maxWasteBytes + taken) return;
  const message = `Object ${objectId} has more lines that are blank or no chunk than are read (256 MiB more than chunks, 128 bytes at least a blank line and 1 KiB another); see the refusals, and upload a file of chunks.`;
  throw new NexusError('invalid_input', message);
}

const isOfDatasetGone = (error: unknown) =>
  error instanceof NexusError && error.reason === 'not_found' && error.details.kind === 'dataset';

/** Turns the zlib error of a damaged file into one for the caller. */
async function* readable(lines: AsyncGenerator<Line, void, unknown>, { objectId }: ClaimedIngest) {
  let last = 0;
  try {
    for await (const line of lines) {
      last = line.number;
      yield line;
    }
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (typeof code !== 'string' || !code.startsWith('Z_')) throw error;
    const message = `Object ${objectId} is a damaged gzip file after line ${last}; upload it again.`;
    throw new NexusError('invalid_input', message, { cause: error });
  }
}

function take(step: Step, line: Line, waste: Waste, hasEmbedder: boolean): void {
  const cost = (line.bytes?.length ?? maxLineBytes) + lineBytes * (line.number - step.lastLine);
  step.bytes += cost;
  step.lastLine = line.number;
  const parsed = parseLine(line.bytes);
  const isTaken = typeof parsed === 'object' && (parsed.embedding !== undefined || hasEmbedder);
  if (isTaken) waste.taken += cost;
  else waste.bytes += parsed === undefined ? cost : cost + refusedBytes;
  if (parsed === undefined) return;
  if (typeof parsed === 'string') {
    step.refusals.push({ line: line.number, reason: parsed });
    return;
  }
  if (!parsed.embedding && !hasEmbedder) {
    const reason = 'embedding is missing, and this server makes none; give it, or set EMBEDDINGS_URL';
    step.refusals.push({ line: line.number, reason });
    return;
  }
  const contentHash = hashOf(parsed.content);
  if (!step.rows.has(contentHash)) step.rows.set(contentHash, { ...parsed, line: line.number });
}

/** The texts of a step with their vectors; a line whose text the embeddings endpoint does not take is refused as others are. */
async function embedded({ embedder }: Stores, { rows: taken, refusals: before }: Step) {
  const missing = [...taken].filter(([, { embedding }]) => !embedding);
  const texts = missing.map(([, { content }]) => content);
  const vectors = texts.length > 0 && embedder ? await embedder.embed(texts) : [];
  const made = new Map(missing.map(([contentHash], at) => [contentHash, vectors[at]]));
  const rows: ChunkRow[] = [];
  const refusals = [...before];
  for (const [contentHash, { line, content, metadata, embedding = made.get(contentHash) }] of taken) {
    if (embedding) rows.push({ content, metadata, embedding, contentHash });
    else refusals.push({ line, reason: `content: ${notTaken}` });
  }
  return { rows, refusals };
}

type Stored = { rows: ChunkRow[]; refusals: IngestRefusal[]; step: Step; bytesRead: number };

async function store(
  stores: Stores,
  ingest: ClaimedIngest,
  server: string,
  { rows, refusals, step, bytesRead }: Stored,
) {
  const { id, datasetId } = ingest;
  const owner = { workspaceId: ingest.workspaceId, userId: ingest.createdBy };
  const size = Math.max(1, Math.ceil(rows.length / lanes));
  const parts = Array.from({ length: lanes }, (_, lane) => rows.slice(lane * size, (lane + 1) * size));
  const stored = await Promise.allSettled(
    parts.map(async (part) => {
      if (part.length === 0) return;
      await stores.db.transaction(async (tx) => {
        // First the dataset, then the ingest, as a deletion takes them: else the two would wait for each other.
        const added = await storeChunks(tx, owner, datasetId, part);
        const hashes = part.map(({ contentHash }) => contentHash);
        await insertHashes(tx, id, hashes);
        if (!(await moveIngest(tx, id, server, { newCount: added.size }))) throw new ClaimLost();
      });
    }),
  );
  for (const one of stored) if (one.status === 'rejected') throw one.reason;
  await stores.db.transaction(async (tx) => {
    await insertRefusals(tx, id, refusals);
    const change = { lineCount: step.lastLine, bytesRead, refusedCount: refusals.length };
    if (!(await moveIngest(tx, id, server, change))) throw new ClaimLost();
  });
  stores.signals.send(ingestTopic(id));
}
