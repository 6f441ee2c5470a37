import { pino } from 'pino';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { NexusError } from '../errors.ts';
import { documentDatabases, followContext } from '../features/context/index.ts';
import { buckets, maxSmallBytes } from '../features/objects/index.ts';
import { verifyStores } from '../features/system/index.ts';
import { startRelay } from '../outbox/relay.ts';
import { type OpenStores, openStores } from '../stores/addresses.ts';
import { openSignals } from '../stores/signals.ts';
import type { Stores } from '../stores/stores.ts';
import { checkContents } from './check-contents.ts';
import { BundledObject, checkBundle, linesOf, type Manifest, readFileOf } from './files.ts';
import { isTar } from './sinks.ts';
import { filledTables, insertRows, schemaVersion, setSequence, tablesOf } from './tables.ts';
import { unpackBundle } from './unpack.ts';

const batch = 500;
const batchBytes = 4 * 1024 * 1024;
const partBytes = 16 * 1024 * 1024;
const Document = z.looseObject({ _id: z.string(), _rev: z.string() });

/**
 * Puts a bundle, a directory or a tar, into empty stores, embedded or at addresses: checks every file of it first, then writes bytes, documents and,
 * in one transaction, rows; builds the index and verifies. Throws `precondition_failed` for a damaged bundle or one of
 * another schema, and `conflict` where a store is not empty; nothing is written then.
 */
export async function restoreBundle(config: Config, source: string, say: (line: string) => void): Promise<boolean> {
  await using unpacked = isTar(source) ? await unpackBundle(source) : undefined;
  const directory = unpacked?.directory ?? source;
  const manifest = await checkBundle(directory, (files, bytes) => {
    if (files % 1000 === 0) say(`checked: ${files} files (${bytes} bytes)`);
  });
  await checkContents(directory, manifest);
  say('Every checksum is right.');
  await using opened = new AsyncDisposableStack();
  const log = pino({ level: 'silent' });
  const stores = opened.use(await openStores(config, log));
  await stores.objects.prepare(buckets);
  await stores.documents.prepare(documentDatabases);
  await refuseUnfit(stores, manifest);
  await restoreObjects(stores, directory, say);
  for (const database of Object.keys(manifest.databases))
    await restoreDocuments(stores, directory, database, manifest, say);
  await restoreRows(stores, directory, manifest, say);

  const { postgres, objects, documents } = stores;
  const signals = await openSignals(postgres.broadcast, log);
  const relay = opened.use(startRelay({ db: postgres.db, objects, documents, log, signals }));
  const all: Stores = { db: postgres.db, objects, documents, log, signals, wakeRelay: relay.wake };
  const follower = opened.use(followContext(all));
  await relay.drain();
  await follower.caughtUp();
  const { agrees, findings } = await verifyStores(all);
  for (const { problem, place, key, detail } of findings) say(`${problem} ${place}/${key}: ${detail}`);
  say(agrees ? 'Restored; the stores agree.' : 'Restored, but the stores disagree; see above.');
  return agrees;
}

async function refuseUnfit({ postgres, objects, documents }: OpenStores, manifest: Manifest): Promise<void> {
  const version = await schemaVersion(postgres.db);
  if (version !== manifest.schemaVersion) {
    throw new NexusError(
      'precondition_failed',
      `The bundle is of schema ${manifest.schemaVersion}, this program of ${version}; restore with the version that exported it, then migrate.`,
    );
  }
  const filled = await filledTables(postgres.db, await tablesOf(postgres.db));
  for (const bucket of buckets) if ((await objects.listSizes(bucket, '')).length > 0) filled.push(bucket);
  for (const database of Object.keys(documentDatabases)) {
    const found = await documents.range(database, { startKey: '', endKey: '\uffff', limit: 10 });
    if (found.some(({ _id }) => !_id.startsWith('_'))) filled.push(database);
  }
  if (filled.length === 0) return;
  throw new NexusError('conflict', `${filled.join(', ')} are not empty; restore into new stores.`);
}

async function restoreObjects({ objects }: OpenStores, directory: string, say: (line: string) => void): Promise<void> {
  let count = 0;
  for await (const line of linesOf(directory, 'objects.jsonl')) {
    const { bucket, key, path } = BundledObject.parse(JSON.parse(line));
    await restoreObject(objects, bucket, key, readFileOf(directory, path));
    count += 1;
    if (count % 1000 === 0) say(`objects: ${count}`);
  }
  say(`objects: ${count}`);
}

const contentType = 'application/octet-stream';

async function restoreObject(
  objects: OpenStores['objects'],
  bucket: string,
  key: string,
  source: AsyncIterable<Buffer>,
): Promise<void> {
  const parts = partsOf(source);
  const first = await parts.next();
  const bytes = first.value ?? Buffer.alloc(0);
  if (bytes.length < maxSmallBytes) return objects.put(bucket, key, bytes, contentType);
  const uploadId = await objects.beginMultipart(bucket, key, contentType);
  let partNumber = 0;
  const send = async (part: Buffer<ArrayBuffer>) => {
    partNumber += 1;
    const { url, headers } = await objects.presignPart(bucket, key, { uploadId, partNumber }, 3_600);
    const answer = await fetch(url, { method: 'PUT', headers, body: part });
    await answer.arrayBuffer();
    if (!answer.ok)
      throw new NexusError('unavailable', `The object store answered ${answer.status} for ${bucket}/${key}.`);
  };
  await send(bytes);
  for await (const part of parts) await send(part);
  await objects.completeMultipart(bucket, key, uploadId, await objects.listParts(bucket, key, uploadId));
}

async function* partsOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer<ArrayBuffer>> {
  let kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    kept.push(chunk);
    size += chunk.length;
    while (size >= partBytes) {
      const all = Buffer.concat(kept);
      yield all.subarray(0, partBytes);
      kept = [all.subarray(partBytes)];
      size -= partBytes;
    }
  }
  if (size > 0) yield Buffer.concat(kept);
}

async function restoreDocuments(
  { documents }: OpenStores,
  directory: string,
  database: string,
  manifest: Manifest,
  say: (line: string) => void,
): Promise<void> {
  const later = new Set(manifest.laterDocuments[database] ?? []);
  let count = 0;
  for await (const lines of batchesOf(linesOf(directory, `documents/${database}.jsonl`))) {
    const given = lines.map((line) => Document.parse(JSON.parse(line))).filter(({ _id }) => !later.has(_id));
    await documents.bringBack(database, given);
    count += given.length;
  }
  say(`${database}: ${count} documents`);
}

async function restoreRows(
  { postgres }: OpenStores,
  directory: string,
  manifest: Manifest,
  say: (line: string) => void,
): Promise<void> {
  await postgres.db.transaction(async (tx) => {
    for (const table of await tablesOf(tx)) {
      for await (const lines of batchesOf(linesOf(directory, `postgres/${table.name}.jsonl`))) {
        await insertRows(tx, table, lines);
      }
      say(`${table.name}: ${manifest.tables[table.name] ?? 0} rows`);
    }
    for (const sequence of manifest.sequences) await setSequence(tx, sequence);
  });
}

async function* batchesOf(lines: AsyncIterable<string>): AsyncGenerator<string[]> {
  let kept: string[] = [];
  let bytes = 0;
  for await (const line of lines) {
    kept.push(line);
    bytes += line.length;
    if (kept.length < batch && bytes < batchBytes) continue;
    yield kept;
    kept = [];
    bytes = 0;
  }
  if (kept.length > 0) yield kept;
}
