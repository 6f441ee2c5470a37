import { sql } from 'drizzle-orm';
import { bigint, check, foreignKey, index, jsonb, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant, type Json, owned } from './columns.ts';
import { users } from './users.ts';
import { workspaces } from './workspaces.ts';

export const objectKinds = ['model', 'checkpoint', 'dataset_file', 'log', 'artifact'] as const;

/** Bytes in the object store, or on their way there. A ready object never changes. */
export const storedObjects = pgTable(
  'stored_objects',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    ...owned(),
    kind: text('kind', { enum: objectKinds }).notNull(),
    bucket: text('bucket').notNull(),
    /** Within the workspace, as the buckets' layout draws it: `models/transformer-v1.json`. */
    key: text('key').notNull(),
    /**
     * Where its bytes lie: at its own bucket and key, or, because the same bytes in one workspace are stored once, where
     * those of an earlier object do. Below the workspace's prefix.
     */
    storedBucket: text('stored_bucket').notNull(),
    storedKey: text('stored_key').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    /**
     * The hash of the whole object, lower-case hex. Both hashes are those that the caller declared while it is pending, and of a ready
     * object what was checked: null is one that nobody has computed of the stored bytes.
     */
    sha256: text('sha256'),
    /**
     * For an object above 16 MiB: the SHA-256 of its parts' SHA-256s, one after the other. Which bytes are in which part
     * follows from the size alone, so that the same bytes have the same hash, whoever sent them. Objects that were ready
     * before it was computed for all have none.
     */
    partsSha256: text('parts_sha256'),
    contentType: text('content_type').notNull(),
    metadata: jsonb('metadata').$type<Record<string, Json>>().notNull().default({}),
    /** Read from the bytes at `complete`: a safetensors header's summary, an adapter's config. */
    contents: jsonb('contents').$type<Json>(),
    status: text('status', { enum: ['pending', 'ready'] }).notNull(),
    /** The multipart upload's id; null for an object that is sent by one PUT. */
    uploadId: text('upload_id'),
    partSizeBytes: bigint('part_size_bytes', { mode: 'number' }),
    /** When a pending upload is given up. */
    expiresAt: instant('expires_at'),
    /** Since when a call has been completing it; renewed while it works, so that nobody else completes or sweeps it. */
    claimedAt: instant('claimed_at'),
    completedAt: instant('completed_at'),
    /** The caller's name for the call that stored a log: the same call again answers this object. */
    requestId: uuid('request_id'),
  },
  (t) => [
    foreignKey({ columns: [t.workspaceId], foreignColumns: [workspaces.id] }).onDelete('restrict'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
    unique('stored_objects_workspace_id_key').on(t.workspaceId, t.id),
    // One object for a key, pending ones included: two uploads never write the same place.
    unique('stored_objects_key').on(t.workspaceId, t.bucket, t.key),
    // The list by kind, newest first.
    index('stored_objects_list_idx').on(t.workspaceId, t.kind, t.createdAt, t.id),
    // The same bytes, for an upload that need not be sent; and who else has the bytes of a deleted object.
    index('stored_objects_bytes_idx').on(t.workspaceId, t.sha256, t.sizeBytes),
    index('stored_objects_parts_idx')
      .on(t.workspaceId, t.partsSha256, t.sizeBytes)
      .where(sql`parts_sha256 is not null`),
    index('stored_objects_stored_idx').on(t.workspaceId, t.storedBucket, t.storedKey),
    // The sweep of pending uploads past their time.
    index('stored_objects_pending_idx').on(t.expiresAt).where(sql`status = 'pending'`),
    // A call that is repeated because its answer was lost.
    uniqueIndex('stored_objects_request_key').on(t.workspaceId, t.requestId).where(sql`request_id is not null`),
    check('stored_objects_kind', sql`${t.kind} in ('model', 'checkpoint', 'dataset_file', 'log', 'artifact')`),
    check('stored_objects_size', sql`${t.sizeBytes} between 0 and 5497558138880`),
    check('stored_objects_hash_is_sha256', sql`${t.sha256} ~ '^[0-9a-f]{64}$'`),
    check('stored_objects_parts_hash_is_sha256', sql`${t.partsSha256} ~ '^[0-9a-f]{64}$'`),
    // No bytes without a hash that tells them from others.
    check(
      'stored_objects_has_hash',
      sql`${t.sha256} is not null or (${t.partsSha256} is not null and ${t.sizeBytes} > 16777216)`,
    ),
    check(
      'stored_objects_status',
      sql`(${t.status} = 'ready' and ${t.completedAt} is not null) or (${t.status} = 'pending' and ${t.expiresAt} is not null)`,
    ),
  ],
);

/** The parts' hashes that a pending upload declared, for the URLs of later pages. They go when the upload ends. */
export const uploadPartHashes = pgTable(
  'upload_part_hashes',
  {
    objectId: uuid('object_id').primaryKey(),
    ...owned(),
    /** Lower-case hex, part 1 first. */
    sha256s: text('sha256s').array().notNull(),
  },
  (t) => [
    foreignKey({
      columns: [t.workspaceId, t.objectId],
      foreignColumns: [storedObjects.workspaceId, storedObjects.id],
    }).onDelete('cascade'),
    foreignKey({ columns: [t.createdBy], foreignColumns: [users.id] }).onDelete('set null'),
  ],
);
