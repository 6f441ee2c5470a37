import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { NexusError } from '../errors.ts';
import { isTar, openDirectorySink, openTarSink, privateFile } from './sinks.ts';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const Manifest = z.object({
  format: z.literal('topology-nexus-bundle-1'),
  createdAt: z.iso.datetime(),
  schemaVersion: z.number(),
  tables: z.record(z.string(), z.int()),
  databases: z.record(z.string(), z.int()),
  objects: z.int(),
  objectBytes: z.int(),
  sequences: z.array(z.object({ table: z.string(), column: z.string(), last: z.number() })),
  /** Documents that came while the export ran, and are not of its moment. */
  laterDocuments: z.record(z.string(), z.array(z.string())),
  /** Hash of `files.jsonl`, which lists every other file with its size and SHA-256. */
  filesSha256: Sha256,
});
export type Manifest = z.infer<typeof Manifest>;

const Entry = z.object({ path: z.string(), sizeBytes: z.int(), sha256: Sha256 });
export type Entry = z.infer<typeof Entry>;

const list = 'files.jsonl';
const manifestFile = 'manifest.json';

/** A line of `objects.jsonl`: where an object lies in the store, and where in the bundle. */
export const BundledObject = z.object({ bucket: z.string(), key: z.string(), path: z.string() });
export type BundledObject = z.infer<typeof BundledObject>;

/** Keys are longer than the file system's names may be. */
export function objectPath(bucket: string, key: string): string {
  const name = createHash('sha256').update(`${bucket}/${key}`).digest('hex');
  return `objects/${name.slice(0, 2)}/${name}`;
}

/**
 * Writes a bundle, a directory or one tar: files one after the other, and the manifest last, so that one that was cut off
 * has none. Disposing it before `finish` leaves no tar behind.
 */
export async function openBundle(target: string) {
  const sink = isTar(target) ? await openTarSink(target) : await openDirectorySink(target);
  const kept = join(sink.scratch, list);
  const entries = createWriteStream(kept, { mode: privateFile });
  const listHash = createHash('sha256');
  const add = async (entry: Entry) => {
    const line = `${JSON.stringify(entry)}\n`;
    listHash.update(line);
    if (!entries.write(line)) await new Promise<void>((resolve) => entries.once('drain', () => resolve()));
  };
  /** `expectedBytes` is what the source should have; one that has more or less than its row says is no part of a bundle. */
  const write = async (path: string, source: Readable, expectedBytes?: number): Promise<Entry> => {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const counted = async function* () {
      for await (const chunk of source) {
        const bytes = Buffer.from(chunk);
        hash.update(bytes);
        sizeBytes += bytes.length;
        yield bytes;
      }
    };
    await sink.write(path, Readable.from(counted(), { objectMode: false }), expectedBytes);
    const entry = { path, sizeBytes, sha256: hash.digest('hex') };
    await add(entry);
    return entry;
  };
  return {
    write,
    lines: (path: string, source: AsyncIterable<string>) => write(path, Readable.from(source)),
    async finish(manifest: Omit<Manifest, 'filesSha256' | 'format'>) {
      await new Promise<void>((resolve, reject) => {
        entries.once('error', reject);
        entries.end(() => resolve());
      });
      const whole: Manifest = { format: 'topology-nexus-bundle-1', ...manifest, filesSha256: listHash.digest('hex') };
      await sink.write(list, createReadStream(kept));
      await sink.write(manifestFile, Readable.from([Buffer.from(`${JSON.stringify(whole, null, 2)}\n`)]));
      await sink.finish();
    },
    async [Symbol.asyncDispose]() {
      entries.destroy();
      await sink[Symbol.asyncDispose]();
    },
  };
}

export const damaged = (what: string) =>
  new NexusError('precondition_failed', `The bundle is damaged: ${what}. Nothing was written; use another copy of it.`);

/** Reads a whole bundle and compares every checksum. Throws `precondition_failed` where anything is missing or differs. */
export async function checkBundle(
  directory: string,
  progress: (files: number, bytes: number) => void,
): Promise<Manifest> {
  let manifest: Manifest;
  try {
    manifest = Manifest.parse(JSON.parse(await readFile(join(directory, manifestFile), 'utf8')));
  } catch {
    throw damaged(`${manifestFile} is missing or cannot be understood`);
  }
  if ((await sha256Of(join(directory, list)).catch(() => '')) !== manifest.filesSha256) {
    throw damaged(`${list} is not the one that the manifest knows`);
  }
  let files = 0;
  let bytes = 0;
  for await (const { path, sizeBytes, sha256 } of entriesOf(directory)) {
    const file = placeOf(directory, path);
    const found = await stat(file).catch(() => undefined);
    if (found?.size !== sizeBytes) throw damaged(`${path} is missing or has another size`);
    if ((await sha256Of(file)) !== sha256) throw damaged(`${path} has another SHA-256`);
    files += 1;
    bytes += sizeBytes;
    progress(files, bytes);
  }
  return manifest;
}

export function placeOf(directory: string, path: string): string {
  const file = normalize(join(directory, path));
  if (!file.startsWith(normalize(directory + sep))) throw damaged(`${path} leaves the bundle`);
  return file;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

async function* entriesOf(directory: string): AsyncGenerator<Entry> {
  for await (const line of linesOf(directory, list)) yield Entry.parse(JSON.parse(line));
}

/** The lines of a file of the bundle; none where there is no such file. */
export async function* linesOf(directory: string, path: string): AsyncGenerator<string> {
  const file = placeOf(directory, path);
  if (!(await stat(file).catch(() => undefined))) return;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') yield line;
  }
}

export const readFileOf = (directory: string, path: string) => createReadStream(placeOf(directory, path));
