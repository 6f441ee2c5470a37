import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio';
import { z } from 'zod';
import { NexusError } from '../errors.ts';

export type ObjectsAddress = {
  endpoint: string;
  /** What presigned URLs are signed for: the address by which callers reach the store. */
  publicEndpoint: string;
  accessKey: string;
  secretKey: string;
  region: string;
};

export type ObjectStat = { sizeBytes: number; etag: string; contentType: string | undefined };
export type UploadedPartInfo = { partNumber: number; etag: string; sizeBytes: number };

/** Plain S3. Every call may throw NexusError `unavailable` with `details.store = 'objects'`. */
export type ObjectStore = {
  ping(): Promise<void>;
  /** Makes the buckets that are missing. */
  ensureBuckets(buckets: readonly string[]): Promise<void>;
  /** Stores at most 16 MiB in one request. */
  put(bucket: string, key: string, bytes: Buffer, contentType: string): Promise<void>;
  find(bucket: string, key: string): Promise<ObjectStat | undefined>;
  /** The object as a stream. Throws `not_found` where there is none. */
  read(bucket: string, key: string): Promise<Readable>;
  /** `lengthBytes` bytes from `offset`, or fewer where the object ends. */
  readRange(bucket: string, key: string, offset: number, lengthBytes: number): Promise<Readable>;
  /** Copies within a bucket, in the store, at most 5 GiB; the copy has the content type that is given. */
  copy(bucket: string, fromKey: string, toKey: string, contentType: string): Promise<void>;
  /** Removes up to 1,000 objects; one that is gone already is a success. */
  remove(bucket: string, keys: readonly string[]): Promise<void>;
  presignGet(bucket: string, key: string, expirySeconds: number, options?: { fileName?: string }): Promise<string>;
  presignPut(bucket: string, key: string, expirySeconds: number): Promise<string>;
  presignPart(
    bucket: string,
    key: string,
    uploadId: string,
    partNumber: number,
    expirySeconds: number,
  ): Promise<string>;
  beginMultipart(bucket: string, key: string, contentType: string): Promise<string>;
  listParts(bucket: string, key: string, uploadId: string): Promise<UploadedPartInfo[]>;
  completeMultipart(bucket: string, key: string, uploadId: string, parts: readonly UploadedPartInfo[]): Promise<void>;
  /** An upload that is gone already is a success. */
  abortMultipart(bucket: string, key: string, uploadId: string): Promise<void>;
};

// minio-js has the listing of an upload's parts, but only for classes that extend it.
class PartListingClient extends Client {
  parts(bucket: string, key: string, uploadId: string) {
    return this.listParts(bucket, key, uploadId);
  }
}

const S3Failure = z.object({ code: z.string() });

/** Opens a client of each endpoint; nothing is sent until the first call. */
export function openObjects(address: ObjectsAddress): ObjectStore {
  const worker = clientOf(address.endpoint, address, silenceMs);
  const assembler = clientOf(address.endpoint, address, assemblyMs);
  // The region is given to both, or each bucket would cost a look-up at an endpoint that the server may not reach.
  const signer = clientOf(address.publicEndpoint, address, silenceMs);
  return {
    async ping() {
      await translated(() => worker.listBuckets());
    },
    async ensureBuckets(buckets) {
      for (const bucket of buckets) {
        await translated(async () => {
          if (await worker.bucketExists(bucket)) return;
          await worker.makeBucket(bucket, address.region).catch((error: unknown) => {
            // Another server made it in the same moment.
            if (codeOf(error) !== 'BucketAlreadyOwnedByYou' && codeOf(error) !== 'BucketAlreadyExists') throw error;
          });
        });
      }
    },
    async put(bucket, key, bytes, contentType) {
      await translated(() => worker.putObject(bucket, key, bytes, bytes.length, { 'Content-Type': contentType }));
    },
    async find(bucket, key) {
      try {
        const stat = await worker.statObject(bucket, key);
        const contentType: unknown = stat.metaData['content-type'];
        return {
          sizeBytes: stat.size,
          etag: stat.etag,
          contentType: typeof contentType === 'string' ? contentType : undefined,
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw translateObjectsError(error);
      }
    },
    read: (bucket, key) => translated(() => worker.getObject(bucket, key)),
    readRange: (bucket, key, offset, lengthBytes) =>
      translated(() => worker.getPartialObject(bucket, key, offset, lengthBytes)),
    async copy(bucket, fromKey, toKey, contentType) {
      await translated(() =>
        worker.copyObject(
          new CopySourceOptions({ Bucket: bucket, Object: fromKey }),
          new CopyDestinationOptions({
            Bucket: bucket,
            Object: toKey,
            MetadataDirective: 'REPLACE',
            Headers: { 'Content-Type': contentType },
          }),
        ),
      );
    },
    async remove(bucket, keys) {
      if (keys.length === 0) return;
      const failures = await translated(() => worker.removeObjects(bucket, [...keys]));
      // minio-js answers with what could not be removed instead of throwing.
      const [failure] = failures.filter((one) => one?.Error && one.Error.Code !== 'NoSuchKey');
      if (failure) {
        throw new NexusError('unavailable', 'The object store could not remove an object; it is tried again.', {
          details: { store: 'objects', code: failure.Error?.Code, key: failure.Error?.Key },
        });
      }
    },
    presignGet(bucket, key, expirySeconds, options = {}) {
      const disposition = options.fileName && {
        'response-content-disposition': `attachment; filename="${options.fileName.replace(/[^\w.-]/g, '_')}"`,
      };
      return translated(() => signer.presignedGetObject(bucket, key, expirySeconds, disposition || {}));
    },
    presignPut: (bucket, key, expirySeconds) => translated(() => signer.presignedPutObject(bucket, key, expirySeconds)),
    presignPart: (bucket, key, uploadId, partNumber, expirySeconds) =>
      translated(() =>
        signer.presignedUrl('PUT', bucket, key, expirySeconds, { uploadId, partNumber: String(partNumber) }),
      ),
    beginMultipart: (bucket, key, contentType) =>
      translated(() => worker.initiateNewMultipartUpload(bucket, key, { 'Content-Type': contentType })),
    async listParts(bucket, key, uploadId) {
      const parts = await translated(() => worker.parts(bucket, key, uploadId));
      return parts.map((part) => ({ partNumber: part.part, etag: part.etag, sizeBytes: part.size }));
    },
    async completeMultipart(bucket, key, uploadId, parts) {
      const etags = parts.map((part) => ({ part: part.partNumber, etag: part.etag }));
      await translated(() => assembler.completeMultipartUpload(bucket, key, uploadId, etags));
    },
    async abortMultipart(bucket, key, uploadId) {
      try {
        await worker.abortMultipartUpload(bucket, key, uploadId);
      } catch (error) {
        if (!isMissing(error)) throw translateObjectsError(error);
      }
    },
  };
}

/** minio-js waits for ever; a connection on which nothing comes or goes for so long is given up. */
const silenceMs = 60_000;
/** The store says nothing while it puts the parts of a large object together. */
const assemblyMs = 900_000;

function agentOf(useSSL: boolean, maxSilenceMs: number): http.Agent {
  const agent = useSSL ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof Socket) {
      socket.setTimeout(maxSilenceMs, () =>
        socket.destroy(new Error(`The object store was silent for ${maxSilenceMs} ms.`)),
      );
    }
    return socket;
  };
  return agent;
}

function clientOf(endpoint: string, address: ObjectsAddress, maxSilenceMs: number): PartListingClient {
  const url = new URL(endpoint);
  const useSSL = url.protocol === 'https:';
  return new PartListingClient({
    endPoint: url.hostname,
    port: url.port ? Number(url.port) : useSSL ? 443 : 80,
    useSSL,
    accessKey: address.accessKey,
    secretKey: address.secretKey,
    region: address.region,
    pathStyle: true,
    transportAgent: agentOf(useSSL, maxSilenceMs),
    // A request that failed is repeated by whoever asked for it, who knows whether that is safe.
    retryOptions: { disableRetry: true },
  });
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateObjectsError(error);
  }
}

function codeOf(error: unknown): string {
  const parsed = S3Failure.safeParse(error);
  return parsed.success ? parsed.data.code : '';
}

const isMissing = (error: unknown) => ['NoSuchKey', 'NotFound', 'NoSuchUpload', 'NoSuchBucket'].includes(codeOf(error));

/** What S3's error codes mean to a caller. */
export function translateObjectsError(error: unknown): NexusError {
  if (error instanceof NexusError) return error;
  const code = codeOf(error);
  const details = { store: 'objects', ...(code && { code }) };
  if (isMissing(error)) {
    return new NexusError('not_found', 'The object store has no such object; upload it again.', {
      details,
      cause: error,
    });
  }
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'AccessDenied', 'AuthorizationHeaderMalformed'].includes(code)) {
    return new NexusError(
      'unavailable',
      'The object store refused the server’s credentials or region; check S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION.',
      { details, cause: error },
    );
  }
  if (['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall'].includes(code)) {
    return new NexusError('precondition_failed', 'A part of the upload is missing or too small; send it again.', {
      details,
      cause: error,
    });
  }
  return new NexusError(
    'unavailable',
    'The object store cannot be reached or did not answer as it should; try again shortly.',
    {
      details,
      cause: error,
    },
  );
}
