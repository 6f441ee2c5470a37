import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { openCheckedDatabase } from './checked-database.ts';
import { clearStrays, refuseWithoutIndex } from './object-strays.ts';

export const Segments = z.array(z.object({ file: z.string(), sizeBytes: z.number() }));
type Segments = z.infer<typeof Segments>;

const ObjectRow = z
  .object({
    key: z.string(),
    etag: z.string(),
    content_type: z.string(),
    sha256: z.string().nullable(),
    size_bytes: z.number(),
    modified_at: z.number(),
    segments: z.string(),
  })
  .transform((row) => ({
    key: row.key,
    etag: row.etag,
    contentType: row.content_type,
    /** As S3 writes it: base64, with `-<parts>` where it is a hash of the parts' hashes. */
    sha256: row.sha256,
    sizeBytes: row.size_bytes,
    modifiedAt: new Date(row.modified_at),
    segments: Segments.parse(JSON.parse(row.segments)),
  }));
export type FileObject = z.infer<typeof ObjectRow>;

const UploadRow = z
  .object({ id: z.string(), bucket: z.string(), key: z.string(), content_type: z.string(), created_at: z.number() })
  .transform((row) => ({
    id: row.id,
    bucket: row.bucket,
    key: row.key,
    contentType: row.content_type,
    createdAt: new Date(row.created_at),
  }));
export type FileUpload = z.infer<typeof UploadRow>;

const PartRow = z
  .object({
    number: z.number(),
    file: z.string(),
    size_bytes: z.number(),
    etag: z.string(),
    sha256: z.string().nullable(),
    modified_at: z.number(),
  })
  .transform((row) => ({
    number: row.number,
    file: row.file,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    sha256: row.sha256,
    modifiedAt: new Date(row.modified_at),
  }));
export type FilePart = z.infer<typeof PartRow>;

/** Bytes that arrived whole, and are no object's yet. */
export type Received = { file: string; sizeBytes: number; sha256: string | null };

/** SQLite answers before anything else goes on. */
const removedAtOnce = 100;

const Named = z.object({ name: z.string() });
const Place = z.object({ file: z.string() });

const schema = `
  create table if not exists buckets (name text primary key) without rowid;
  create table if not exists objects (
    bucket text not null, key text not null, etag text not null, content_type text not null, sha256 text,
    size_bytes integer not null, modified_at integer not null, segments text not null, primary key (bucket, key)
  ) without rowid;
  create table if not exists uploads (
    id text primary key, bucket text not null, key text not null, content_type text not null, created_at integer not null
  ) without rowid;
  create table if not exists parts (
    upload_id text not null, number integer not null, file text not null, size_bytes integer not null, etag text not null,
    sha256 text, modified_at integer not null, primary key (upload_id, number)
  ) without rowid;`;

/**
 * Objects in a directory: their bytes in files of random names, everything else in SQLite. No key is ever a path, an object
 * is there whole or not at all, an upload's parts become an object without being copied, and what a killed process left
 * half-written is removed at the next opening. Throws `precondition_failed` where its index is damaged or gone.
 */
export async function openObjectFiles(directory: string, log?: Logger) {
  const files = join(directory, 'files');
  await mkdir(files, { recursive: true, mode: 0o700 });
  const index = join(directory, 'index.db');
  await refuseWithoutIndex(index, files);
  const opened = openCheckedDatabase(index, schema, () => undefined);
  const { prepare, atomically } = opened;
  const pathOf = (file: string) => join(files, file);
  const drop = (names: readonly string[]) => Promise.all(names.map((file) => rm(pathOf(file), { force: true })));
  await clearStrays(prepare, files, log);

  const find = (bucket: string, key: string): FileObject | undefined => {
    const row = prepare('select * from objects where bucket = ? and key = ?').get(bucket, key);
    return row && ObjectRow.parse(row);
  };
  const parts = (uploadId: string, after: number, limit: number): FilePart[] =>
    prepare('select * from parts where upload_id = ? and number > ? order by number limit ?')
      .all(uploadId, after, limit)
      .map((row) => PartRow.parse(row));
  /** Puts a row in the place of what was there; answers the files that nobody needs any more. */
  const replace = (bucket: string, object: Omit<FileObject, 'modifiedAt'>): string[] => {
    const old = find(bucket, object.key);
    prepare('insert or replace into objects values (?, ?, ?, ?, ?, ?, ?, ?)').run(
      bucket,
      object.key,
      object.etag,
      object.contentType,
      object.sha256,
      object.sizeBytes,
      Date.now(),
      JSON.stringify(object.segments),
    );
    return old?.segments.map(({ file }) => file) ?? [];
  };

  return {
    buckets: () =>
      prepare('select name from buckets order by name')
        .all()
        .map((row) => Named.parse(row).name),
    hasBucket: (name: string) => prepare('select name from buckets where name = ?').get(name) !== undefined,
    addBucket(name: string) {
      atomically(() => prepare('insert or ignore into buckets values (?)').run(name));
    },

    /** Writes a body to a file of its own; of one that breaks off nothing is left. */
    async receive(body: Readable, needsSha256: boolean): Promise<Received> {
      const file = randomUUID();
      const target = createWriteStream(pathOf(file), { flags: 'wx', mode: 0o600 });
      const hash = needsSha256 ? createHash('sha256') : undefined;
      const observed = new Transform({
        transform(piece: Buffer, _encoding, done) {
          hash?.update(piece);
          done(null, piece);
        },
      });
      try {
        await (hash ? pipeline(body, observed, target) : pipeline(body, target));
      } catch (error) {
        await drop([file]);
        throw error;
      }
      return { file, sizeBytes: target.bytesWritten, sha256: hash?.digest('base64') ?? null };
    },
    discard: (received: Received) => drop([received.file]),

    find,
    async put(bucket: string, key: string, contentType: string, received: Received): Promise<FileObject> {
      const segments = [{ file: received.file, sizeBytes: received.sizeBytes }];
      const { sizeBytes, sha256 } = received;
      await drop(atomically(() => replace(bucket, { key, etag: newEtag(), contentType, sha256, sizeBytes, segments })));
      return found(find(bucket, key));
    },
    /** Another object of the same bytes; each has files of its own, which are one on the disk where it can link. */
    async copy(source: FileObject, bucket: string, key: string, contentType: string): Promise<FileObject> {
      const segments: Segments = [];
      for (const { file, sizeBytes } of source.segments) {
        const copied = randomUUID();
        await link(pathOf(file), pathOf(copied)).catch(() => copyFile(pathOf(file), pathOf(copied)));
        segments.push({ file: copied, sizeBytes });
      }
      await drop(atomically(() => replace(bucket, { ...source, key, contentType, segments })));
      return found(find(bucket, key));
    },
    async remove(bucket: string, keys: readonly string[]): Promise<void> {
      const removal = prepare('delete from objects where bucket = ? and key = ?');
      for (let from = 0; from < keys.length; from += removedAtOnce) {
        const stale = atomically(() =>
          keys.slice(from, from + removedAtOnce).flatMap((key) => {
            const old = find(bucket, key);
            removal.run(bucket, key);
            return old?.segments.map(({ file }) => file) ?? [];
          }),
        );
        await drop(stale);
      }
    },
    /** Keys in the order of their UTF-8 bytes. */
    list(bucket: string, prefix: string, after: string, limit: number): FileObject[] {
      return prepare(
        `select * from objects where bucket = ? and key > ? and key >= ? and substr(key, 1, length(?)) = ?
           order by key limit ?`,
      )
        .all(bucket, after, prefix, prefix, prefix, limit)
        .map((row) => ObjectRow.parse(row));
    },
    /** The bytes from `start` to `end`, both included. */
    read: (object: FileObject, start: number, end: number) => Readable.from(piecesOf(object, start, end, pathOf)),

    beginUpload(bucket: string, key: string, contentType: string): string {
      const id = randomUUID();
      const values = [id, bucket, key, contentType, Date.now()];
      atomically(() => prepare('insert into uploads values (?, ?, ?, ?, ?)').run(...values));
      return id;
    },
    findUpload(bucket: string, key: string, id: string): FileUpload | undefined {
      const row = prepare('select * from uploads where id = ? and bucket = ? and key = ?').get(id, bucket, key);
      return row && UploadRow.parse(row);
    },
    uploads: (bucket: string, prefix: string, afterKey: string, afterId: string, limit: number): FileUpload[] =>
      prepare(
        `select * from uploads where bucket = ? and substr(key, 1, length(?)) = ? and (key, id) > (?, ?)
           order by key, id limit ?`,
      )
        .all(bucket, prefix, prefix, afterKey, afterId, limit)
        .map((row) => UploadRow.parse(row)),
    parts,
    /** False where the upload ended while the part arrived. */
    async putPart(uploadId: string, number: number, received: Received, etag: string): Promise<boolean> {
      const stale = atomically(() => {
        if (!prepare('select id from uploads where id = ?').get(uploadId)) return undefined;
        const old = prepare('select file from parts where upload_id = ? and number = ?').get(uploadId, number);
        prepare('insert or replace into parts values (?, ?, ?, ?, ?, ?, ?)').run(
          uploadId,
          number,
          received.file,
          received.sizeBytes,
          etag,
          received.sha256,
          Date.now(),
        );
        return old ? [Place.parse(old).file] : [];
      });
      await drop(stale ?? [received.file]);
      return stale !== undefined;
    },
    /** Turns parts into the object, and the others away. Undefined where another call ended the upload. */
    async completeUpload(upload: FileUpload, chosen: readonly FilePart[]): Promise<FileObject | undefined> {
      const stale = atomically(() => {
        if (prepare('delete from uploads where id = ?').run(upload.id).changes === 0) return undefined;
        const all = parts(upload.id, 0, 10_000);
        prepare('delete from parts where upload_id = ?').run(upload.id);
        const kept = new Set(chosen.map(({ file }) => file));
        const old = replace(upload.bucket, {
          key: upload.key,
          etag: `${newEtag()}-${chosen.length}`,
          contentType: upload.contentType,
          sha256: compositeOf(chosen),
          sizeBytes: chosen.reduce((sum, part) => sum + part.sizeBytes, 0),
          segments: chosen.map(({ file, sizeBytes }) => ({ file, sizeBytes })),
        });
        return [...old, ...all.flatMap(({ file }) => (kept.has(file) ? [] : [file]))];
      });
      if (stale === undefined) return undefined;
      await drop(stale);
      return find(upload.bucket, upload.key);
    },
    async abortUpload(id: string): Promise<void> {
      const stale = atomically(() => {
        const all = parts(id, 0, 10_000);
        prepare('delete from parts where upload_id = ?').run(id);
        prepare('delete from uploads where id = ?').run(id);
        return all.map(({ file }) => file);
      });
      await drop(stale);
    },
    close: opened.close,
  };
}
export type ObjectFiles = Awaited<ReturnType<typeof openObjectFiles>>;

export const newEtag = () => randomUUID().replaceAll('-', '');

function found(object: FileObject | undefined): FileObject {
  if (!object) throw new Error('An object is not there after it was put.');
  return object;
}

/** The hash of the parts' hashes, as S3 makes it; null where a part came without. */
function compositeOf(parts: readonly FilePart[]): string | null {
  const hash = createHash('sha256');
  for (const { sha256 } of parts) {
    if (sha256 === null) return null;
    hash.update(Buffer.from(sha256, 'base64'));
  }
  return `${hash.digest('base64')}-${parts.length}`;
}

async function* piecesOf(object: FileObject, start: number, end: number, pathOf: (file: string) => string) {
  let offset = 0;
  for (const { file, sizeBytes } of object.segments) {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, sizeBytes - 1)];
    offset += sizeBytes;
    if (from <= to) yield* createReadStream(pathOf(file), { start: from, end: to, highWaterMark: 256 * 1024 });
    if (offset > end) return;
  }
}
