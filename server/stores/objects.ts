import type { Readable } from 'node:stream';
import { CopyDestinationOptions, CopySourceOptions } from 'minio';
import { NexusError } from '../errors.ts';
import { alone, type Place } from './installation.ts';
import { chooseFolder, claimRoot, foreign, type WholeKeys } from './object-folder.ts';
import { allowBrowsers, type BrowserAccess, prepareObjects } from './s3-check.ts';
import { type ObjectsAddress, s3Client } from './s3-client.ts';
import { isMissing, translated, translateObjectsError } from './s3-errors.ts';
import { readPage } from './s3-list.ts';
import {
  assemble,
  hexOf,
  readParts,
  readUploadPage,
  readUploads,
  type UploadedPartInfo,
  type UploadPage,
} from './s3-multipart.ts';
import { bodyHeaders, type DeclaredBody, dispositionOf, type PresignedPut, presignUrl } from './s3-presign.ts';
import { type RemovalFailure, removeObjects } from './s3-removal.ts';

export type { UploadedPartInfo, UploadPage } from './s3-multipart.ts';

/** `sha256` in hexadecimal, where the object was sent whole with a checksum, which the store checked. */
export type ObjectStat = {
  sizeBytes: number;
  etag: string;
  contentType: string | undefined;
  sha256?: string | undefined;
};

/**
 * Plain S3. Keys are within the installation, whatever shares its buckets. Every call may throw NexusError `unavailable`
 * with `details.store = 'objects'`.
 */
export type ObjectStore = {
  ping(): Promise<void>;
  /**
   * Makes the buckets that are missing, writes and reads in the first of them, learns `checksBodies`, and settles where in
   * them the installation's keys are. Throws with one line that says which setting to change where the store cannot be
   * reached, refuses the keys or the region, or cannot be written.
   */
  prepare(buckets: readonly string[]): Promise<void>;
  /** Lets web pages of any origin send and read by presigned URL, where the store can be told so. */
  allowBrowsers(bucket: string): Promise<BrowserAccess>;
  /** Whether the store refuses a body whose length or SHA-256 is not the signed one; false until `prepare` found out. */
  readonly checksBodies: boolean;
  /** How long a key may be, in bytes of UTF-8. */
  readonly maxKeyBytes: number;
  /** Stores at most 16 MiB in one request. */
  put(bucket: string, key: string, bytes: Buffer, contentType: string): Promise<void>;
  find(bucket: string, key: string): Promise<ObjectStat | undefined>;
  /** The object as a stream. Throws `not_found` where there is none. */
  read(bucket: string, key: string): Promise<Readable>;
  /** `lengthBytes` bytes from `offset`, or fewer where the object ends. */
  readRange(bucket: string, key: string, offset: number, lengthBytes: number): Promise<Readable>;
  /** Copies within a bucket, in the store, at most 5 GiB; the copy has the content type that is given. */
  copy(bucket: string, fromKey: string, toKey: string, contentType: string): Promise<void>;
  /** Removes up to 1,000 objects by one request; one that is gone already is a success. Answers those that are still there. */
  remove(bucket: string, keys: readonly string[]): Promise<RemovalFailure[]>;
  /** Up to 1,000 keys with a prefix after `after`, in the order of their bytes. */
  listKeys(bucket: string, prefix: string, after: string): Promise<string[]>;
  /** Up to 1,000 objects with keys after `after`, in the order of the keys' bytes. */
  listSizes(bucket: string, after: string): Promise<{ key: string; sizeBytes: number }[]>;
  /** A browser saves what it reads by it, under `fileName` where that is given, unless its type is one that it only shows. */
  presignGet(
    bucket: string,
    key: string,
    expirySeconds: number,
    options?: { fileName?: string | undefined; contentType?: string | undefined },
  ): Promise<string>;
  /** Bound to `body` where it is given; a body that is another one is then refused by the store. */
  presignPut(bucket: string, key: string, expirySeconds: number, body?: DeclaredBody): Promise<PresignedPut>;
  presignPart(
    bucket: string,
    key: string,
    upload: { uploadId: string; partNumber: number },
    expirySeconds: number,
    body?: DeclaredBody,
  ): Promise<PresignedPut>;
  /** `hasSha256` where every part is to come with a checksum. */
  beginMultipart(bucket: string, key: string, contentType: string, options?: { hasSha256: boolean }): Promise<string>;
  /** The ids of the multipart uploads of a key. */
  listUploads(bucket: string, key: string): Promise<string[]>;
  /** A page of all multipart uploads, after what the page before said. MinIO, started anew, lists those since then. */
  listAllUploads(bucket: string, after: string): Promise<UploadPage>;
  listParts(bucket: string, key: string, uploadId: string): Promise<UploadedPartInfo[]>;
  completeMultipart(bucket: string, key: string, uploadId: string, parts: readonly UploadedPartInfo[]): Promise<void>;
  /** An upload that is gone already is a success. */
  abortMultipart(bucket: string, key: string, uploadId: string): Promise<void>;
};

/** A connection on which nothing comes or goes for so long is given up. */
const silenceMs = 60_000;
/** The store says nothing while it puts the parts of a large object together. */
const assemblyMs = 900_000;

const maxKeyBytes = 1024;
/**
 * Opens a client of each endpoint; nothing is sent until the first call. Without a place, keys are those of the buckets.
 */
export function openObjects(address: ObjectsAddress, place: Place | typeof alone = alone): ObjectStore {
  const worker = s3Client(address.endpoint, address, silenceMs);
  const assembler = s3Client(address.endpoint, address, assemblyMs);
  let checksBodies = false;
  let folder = place.prefix;
  const ownFolder = () => {
    if (folder !== undefined) return folder;
    throw new NexusError(
      'unavailable',
      'The object store has not been reached since the first start, which settles where in its buckets objects lie; try again shortly.',
      { details: { store: 'objects', isUnsettled: true } },
    );
  };
  const at = (key: string) => ownFolder() + key;
  /** Keys without the folder; at the root without what others have there. */
  const ownKey = (key: string) => (folder === '' && key.startsWith(foreign) ? [] : key.slice(ownFolder().length));
  const page = (bucket: string, prefix: string, after: string) =>
    translated(() => readPage(worker, bucket, prefix, after));
  const whole: WholeKeys = {
    put: async (bucket, key) => void (await translated(() => worker.putObject(bucket, key, Buffer.alloc(0), 0))),
    remove: (bucket, key) => translated(() => worker.removeObject(bucket, key)),
    list: async (bucket, prefix) => (await page(bucket, prefix, '')).map(({ key }) => key),
  };
  const settleFolder = async (buckets: readonly string[]) => {
    if (!('settle' in place)) return;
    folder ??= await place.settle(await chooseFolder(whole, buckets, place.id));
    if (folder !== '') return;
    const others = await claimRoot(whole, buckets, place.id);
    if (others.length > 0) place.warnOfOthers(others);
  };
  const presign = (bucket: string, key: string, expirySeconds: number, body: DeclaredBody | undefined, query = {}) => {
    const { signed, sent } = body ? bodyHeaders(body) : { signed: {}, sent: {} };
    const asked = { method: 'PUT' as const, bucket, key: at(key), expirySeconds, query, headers: signed };
    return { url: presignUrl(address.publicEndpoint, address, asked), headers: sent };
  };
  return {
    async ping() {
      await translated(() => worker.listBuckets());
    },
    async prepare(buckets) {
      checksBodies = (await prepareObjects(worker, address, buckets)).checksBodies;
      await settleFolder(buckets);
    },
    allowBrowsers: (bucket) => allowBrowsers(worker, bucket),
    get checksBodies() {
      return checksBodies;
    },
    get maxKeyBytes() {
      return maxKeyBytes - ownFolder().length;
    },
    async put(bucket, key, bytes, contentType) {
      await translated(() => worker.putObject(bucket, at(key), bytes, bytes.length, { 'Content-Type': contentType }));
    },
    async find(bucket, key) {
      try {
        // minio-js's own statObject does not ask for the checksum.
        const asked = { method: 'HEAD', bucketName: bucket, objectName: at(key) };
        const response = await worker.makeRequestAsync({ ...asked, headers: { 'x-amz-checksum-mode': 'ENABLED' } });
        response.resume();
        const { headers } = response;
        const checksum = headers['x-amz-checksum-sha256'];
        return {
          sizeBytes: Number(headers['content-length']),
          etag: (headers.etag ?? '').replace(/"/g, ''),
          contentType: headers['content-type'],
          sha256: hexOf(typeof checksum === 'string' ? checksum : undefined),
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw translateObjectsError(error);
      }
    },
    read: (bucket, key) => translated(() => worker.getObject(bucket, at(key))),
    readRange: (bucket, key, offset, lengthBytes) =>
      translated(() => worker.getPartialObject(bucket, at(key), offset, lengthBytes)),
    async copy(bucket, fromKey, toKey, contentType) {
      await translated(() =>
        worker.copyObject(
          new CopySourceOptions({ Bucket: bucket, Object: at(fromKey) }),
          new CopyDestinationOptions({
            Bucket: bucket,
            Object: at(toKey),
            MetadataDirective: 'REPLACE',
            Headers: { 'Content-Type': contentType },
          }),
        ),
      );
    },
    remove: (bucket, keys) => removeObjects(worker, bucket, keys, at),
    async listKeys(bucket, prefix, after) {
      return (await page(bucket, at(prefix), after && at(after))).flatMap(({ key }) => ownKey(key));
    },
    async listSizes(bucket, after) {
      const objects = await page(bucket, ownFolder(), after && at(after));
      return objects.flatMap(({ key, sizeBytes }) => [ownKey(key)].flat().map((own) => ({ key: own, sizeBytes })));
    },
    async presignGet(bucket, key, expirySeconds, { fileName, contentType } = {}) {
      const query = {
        ...dispositionOf(fileName, contentType),
        ...(contentType && { 'response-content-type': contentType }),
      };
      return presignUrl(address.publicEndpoint, address, { method: 'GET', bucket, key: at(key), expirySeconds, query });
    },
    presignPut: async (bucket, key, expirySeconds, body) => presign(bucket, key, expirySeconds, body),
    presignPart: async (bucket, key, { uploadId, partNumber }, expirySeconds, body) =>
      presign(bucket, key, expirySeconds, body, { uploadId, partNumber: String(partNumber) }),
    beginMultipart: (bucket, key, contentType, { hasSha256 } = { hasSha256: false }) =>
      translated(() =>
        worker.initiateNewMultipartUpload(bucket, at(key), {
          'Content-Type': contentType,
          ...(hasSha256 && { 'x-amz-checksum-algorithm': 'SHA256' }),
        }),
      ),
    async listAllUploads(bucket, after) {
      const page = await translated(() => readUploadPage(worker, bucket, after));
      const within = page.uploads.filter(({ key }) => key.startsWith(ownFolder()));
      const uploads = within.flatMap(({ key, uploadId }) =>
        [ownKey(key)].flat().map((own) => ({ key: own, uploadId })),
      );
      return { uploads, nextAfter: page.nextAfter };
    },
    listUploads: (bucket, key) => translated(() => readUploads(worker, bucket, at(key))),
    listParts: (bucket, key, uploadId) => translated(() => readParts(worker, bucket, at(key), uploadId)),
    completeMultipart: (bucket, key, uploadId, parts) =>
      translated(() => assemble(assembler, bucket, at(key), uploadId, parts)),
    async abortMultipart(bucket, key, uploadId) {
      try {
        await worker.abortMultipartUpload(bucket, at(key), uploadId);
      } catch (error) {
        if (!isMissing(error)) throw translateObjectsError(error);
      }
    },
  };
}
