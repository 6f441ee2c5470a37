import { Readable } from 'node:stream';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { NexusError } from '../errors.ts';
import { documentDatabases } from '../features/context/index.ts';
import { hasherOf } from '../features/objects/index.ts';
import { openStores } from '../stores/addresses.ts';
import type { DocumentStore } from '../stores/documents.ts';
import type { ObjectStore } from '../stores/objects.ts';
import { type BundledObject, type Manifest, objectPath, openBundle } from './files.ts';
import { batchesOf, rowsOf, schemaVersion, sequencesOf, tablesOf } from './tables.ts';

const page = 500;
const maxLater = 100_000;
/** JSON Lines are cut at these by some readers, though JSON lets them stand in a text. */
const plainLine = (text: string) => `${text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;

type Bundle = Awaited<ReturnType<typeof openBundle>>;

export type ExportOptions = {
  /** Sessions of people who are signed in, and tokens of their OIDC provider, too. */
  hasSessions?: boolean;
};

/**
 * Writes everything of the three stores, but who is signed in, into a new directory, or one tar, as of one moment: rows as of one snapshot of PostgreSQL,
 * objects that these rows have (they never change), readable by its owner alone, and documents without those that came later, which the manifest names;
 * one that was changed meanwhile is there as it was read. Throws `conflict` where a server has the data directory or the
 * directory is not empty, and `precondition_failed` where an object is not what its row says.
 */
export async function exportBundle(
  config: Config,
  target: string,
  say: (line: string) => void,
  { hasSessions = false }: ExportOptions = {},
): Promise<void> {
  await using stores = await openStores(config);
  const { db } = stores.postgres;
  await using bundle = await openBundle(target);
  const createdAt = new Date().toISOString();
  await db.transaction(
    async (tx) => {
      const tables = await tablesOf(tx);
      const sequencesBefore = new Map<string, string>();
      for (const database of Object.keys(documentDatabases)) {
        const { lastSequence } = await stores.documents.changes(database, 'now', {
          limit: 1,
          waitMs: 0,
          withDocuments: false,
        });
        sequencesBefore.set(database, lastSequence);
      }
      const manifest: Omit<Manifest, 'filesSha256' | 'format'> = {
        createdAt,
        schemaVersion: await schemaVersion(tx),
        tables: {},
        databases: {},
        objects: 0,
        objectBytes: 0,
        sequences: await sequencesOf(tx),
        laterDocuments: {},
      };
      for (const table of tables) {
        let count = 0;
        const lines = async function* () {
          for await (const batch of rowsOf(tx, table, hasSessions)) {
            count += batch.length;
            yield batch.map(plainLine).join('');
          }
        };
        await bundle.lines(`postgres/${table.name}.jsonl`, lines());
        manifest.tables[table.name] = count;
        say(`${table.name}: ${count} rows`);
      }
      const placed = async function* () {
        for await (const batch of batchesOf(tx, 'places', placesQuery, Place)) {
          for (const object of batch) {
            const path = await copyObject(stores.objects, bundle, object);
            manifest.objects += 1;
            manifest.objectBytes += object.sizeBytes;
            if (manifest.objects % 1000 === 0) say(`objects: ${manifest.objects} (${manifest.objectBytes} bytes)`);
            yield plainLine(JSON.stringify({ bucket: object.bucket, key: object.key, path } satisfies BundledObject));
          }
        }
      };
      await bundle.lines('objects.jsonl', placed());
      say(`objects: ${manifest.objects} (${manifest.objectBytes} bytes)`);
      for (const [database, since] of sequencesBefore) {
        manifest.databases[database] = await copyDocuments(stores.documents, bundle, database);
        manifest.laterDocuments[database] = await laterThan(stores.documents, database, since);
        say(`${database}: ${manifest.databases[database]} documents`);
      }
      await bundle.finish(manifest);
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
  say(`The bundle is in ${target}.`);
}

const Place = z.object({
  bucket: z.string(),
  key: z.string(),
  sizeBytes: z.number(),
  sha256: z.string().nullable(),
  partsSha256: z.string().nullable(),
});
type Place = z.infer<typeof Place>;

/** Each place once: several rows may have the same bytes. */
const placesQuery = sql`select o.stored_bucket as bucket, w.object_prefix || o.stored_key as key,
  max(o.size_bytes)::float8 as "sizeBytes", max(o.sha256) as sha256, max(o.parts_sha256) as "partsSha256"
  from stored_objects o join workspaces w on w.id = o.workspace_id where o.status = 'ready' group by 1, 2 order by 1, 2`;

async function copyObject(objects: ObjectStore, bundle: Bundle, place: Place) {
  const { bucket, key, sizeBytes } = place;
  const path = objectPath(bucket, key);
  // A tar has the size before the bytes; one that is not what the row says is refused before it is read.
  const found = await objects.find(bucket, key);
  if (found?.sizeBytes !== sizeBytes) throw isNot(place, `${found?.sizeBytes ?? 0} bytes`, `${sizeBytes}`);
  const hasher = hasherOf(sizeBytes);
  const hashed = async function* (source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      hasher.update(piece);
      yield piece;
    }
  };
  const entry = await bundle.write(path, Readable.from(hashed(await objects.read(bucket, key))), sizeBytes);
  const { sha256, partsSha256 } = hasher.digest();
  if (place.sha256 !== null && sha256 !== place.sha256) throw isNot(place, `the SHA-256 ${sha256}`, place.sha256);
  if (place.partsSha256 !== null && partsSha256 !== place.partsSha256)
    throw isNot(place, `parts of the SHA-256 ${partsSha256}`, place.partsSha256);
  if (entry.sizeBytes !== sizeBytes) throw isNot(place, `${entry.sizeBytes} bytes`, `${sizeBytes}`);
  return path;
}

const isNot = ({ bucket, key }: Place, found: string, said: string) =>
  new NexusError('precondition_failed', `${bucket}/${key} has ${found}; its row says ${said}. Run verify.`);

async function copyDocuments(documents: DocumentStore, bundle: Bundle, database: string): Promise<number> {
  let count = 0;
  const lines = async function* () {
    for (let startKey = ''; ; ) {
      const found = await documents.range(database, { startKey, endKey: '\uffff', limit: page });
      const own = found.filter(({ _id }) => !_id.startsWith('_'));
      count += own.length;
      yield own.map((document) => plainLine(JSON.stringify(document))).join('');
      const last = found.at(-1);
      if (!last || found.length < page) return;
      startKey = `${last._id}\u0000`;
    }
  };
  await bundle.lines(`documents/${database}.jsonl`, lines());
  return count;
}

/** Documents that were made after a sequence. */
async function laterThan(documents: DocumentStore, database: string, from: string): Promise<string[]> {
  const later: string[] = [];
  for (let since = from; later.length < maxLater; ) {
    const { changes, lastSequence } = await documents.changes(database, since, {
      limit: page,
      waitMs: 0,
      withDocuments: true,
    });
    later.push(...changes.filter(({ doc }) => doc?._rev.startsWith('1-')).map(({ id }) => id));
    if (changes.length < page) return later;
    since = lastSequence;
  }
  throw new NexusError(
    'conflict',
    `More than ${maxLater} documents came while the export ran; export at a quieter time.`,
  );
}
