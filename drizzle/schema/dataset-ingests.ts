import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  customType,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { id, instant, owned, reference } from './columns.ts';
import { datasets } from './datasets.ts';
import { users } from './users.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

/** The reading of one uploaded file into a dataset: how far it is, and, when it is done, a version of the dataset. */
export const datasetIngests = pgTable(
  'dataset_ingests',
  {
    id: id(),
    ...owned(),
    datasetId: reference('dataset_id').notNull(),
    /** No foreign key: what was read from a file is worth knowing after the file is gone. */
    objectId: uuid('object_id').notNull(),
    objectKey: text('object_key').notNull(),
    /** The hashes known by then; of a file above 16 MiB the first may be null, of another the second is. */
    objectSha256: text('object_sha256'),
    objectPartsSha256: text('object_parts_sha256'),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    status: text('status', { enum: ['running', 'done', 'failed', 'canceled'] }).notNull(),
    /** Lines, and bytes of the file as it is stored, that are in the table or refused. The next server goes on after them. */
    lineCount: count('line_count'),
    bytesRead: count('bytes_read'),
    newCount: count('new_count'),
    refusedCount: count('refused_count'),
    error: text('error'),
    /** 1, 2, 3 … of the dataset, given when it is done. */
    version: integer('version'),
    /** SHA-256 over the sorted hashes of what was in it, so that two versions compare at a glance. */
    contentSha256: text('content_sha256'),
    chunkCount: bigint('chunk_count', { mode: 'number' }),
    /** Which server has it, first the one that was asked, and until when nobody else takes it. */
    claimedBy: uuid('claimed_by'),
    claimedUntil: instant('claimed_until'),
    failures: integer('failures').notNull().default(0),
    /** When it may be tried again after a failure. */
    availableAt: instant('available_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    foreignKey({
      columns: [t.workspaceId, t.datasetId],
      foreignColumns: [datasets.workspaceId, datasets.id],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    // The ingests of a dataset, newest first.
    index('dataset_ingests_list_idx').on(t.datasetId, t.id),
    // The ingests that a server may take next.
    index('dataset_ingests_due_idx').on(t.availableAt, t.id).where(sql`status = 'running'`),
    unique('dataset_ingests_version_key').on(t.datasetId, t.version),
    check('dataset_ingests_status', sql`${t.status} in ('running', 'done', 'failed', 'canceled')`),
    check('dataset_ingests_version', sql`(${t.status} = 'done') = (${t.version} is not null)`),
  ],
);

/** A line that was refused. Its ingest says whose it is. */
export const datasetIngestRefusals = pgTable(
  'dataset_ingest_refusals',
  {
    ingestId: reference('ingest_id').notNull(),
    line: bigint('line', { mode: 'number' }).notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [
    // The report of an ingest, in the order of the lines.
    primaryKey({ columns: [t.ingestId, t.line] }),
    foreignKey({ columns: [t.ingestId], foreignColumns: [datasetIngests.id] }).onDelete('cascade'),
  ],
);

/** The texts of an ingest, by their hashes. The ingest has the workspace: a million rows carry no more than they must. */
export const datasetIngestChunks = pgTable(
  'dataset_ingest_chunks',
  {
    ingestId: reference('ingest_id').notNull(),
    contentHash: bytea('content_hash').notNull(),
  },
  (t) => [
    // The content of a version, in the order in which it is hashed.
    primaryKey({ columns: [t.ingestId, t.contentHash] }),
    foreignKey({ columns: [t.ingestId], foreignColumns: [datasetIngests.id] }).onDelete('cascade'),
  ],
);
