import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { fromXml, toXml } from '../s3-xml.ts';
import { type FileObject, type FilePart, newEtag, type ObjectFiles, type Received } from './object-files.ts';
import { S3Refusal } from './s3-refusal.ts';
import type { Signed } from './s3-signature.ts';

export type S3Answer = { status: number; headers: OutgoingHttpHeaders; body?: string | Readable };
type Ask = { request: IncomingMessage; query: URLSearchParams; bucket: string; key: string; signed: Signed };

const maxPutBytes = 5 * 1024 ** 3;
const minPartBytes = 5 * 1024 ** 2;
const maxXmlBytes = 4 * 1024 ** 2;
const pageSize = 1000;

/** Answers a request whose signature was checked. Throws S3Refusal. */
export async function answerS3(files: ObjectFiles, request: IncomingMessage, signed: Signed): Promise<S3Answer> {
  const [path = '', rawQuery = ''] = (request.url ?? '/').split('?', 2);
  const [bucket = '', ...rest] = decoded(path).slice(1).split('/');
  const ask: Ask = { request, query: new URLSearchParams(rawQuery), bucket, key: rest.join('/'), signed };
  const { method = 'GET' } = request;
  if (bucket === '') return method === 'GET' ? xml({ ListAllMyBucketsResult: bucketList(files) }) : notKnown();
  if (ask.key === '') return answerBucket(files, method, ask);
  refuseKey(ask.key);
  if (!files.hasBucket(bucket)) throw noSuchBucket();
  if (ask.query.has('uploadId')) return answerUpload(files, method, ask);
  if (method === 'GET' || method === 'HEAD') return getObject(files, method, ask);
  if (method === 'POST' && ask.query.has('uploads')) return beginUpload(files, ask);
  if (method === 'PUT') return 'x-amz-copy-source' in request.headers ? copyObject(files, ask) : putObject(files, ask);
  if (method === 'DELETE') {
    await files.remove(bucket, [ask.key]);
    return { status: 204, headers: {} };
  }
  return notKnown();
}

async function answerBucket(files: ObjectFiles, method: string, ask: Ask): Promise<S3Answer> {
  const { bucket, query } = ask;
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket)) throw new S3Refusal(400, 'InvalidBucketName', 'It is no bucket.');
  const sub = ['cors', 'location', 'uploads', 'versioning', 'policy', 'delete'].find((name) => query.has(name));
  if (method === 'PUT' && sub === undefined) {
    if (files.hasBucket(bucket)) throw new S3Refusal(409, 'BucketAlreadyOwnedByYou', 'The bucket is there already.');
    files.addBucket(bucket);
    return { status: 200, headers: { location: `/${bucket}` } };
  }
  if (!files.hasBucket(bucket)) throw noSuchBucket();
  if (method === 'HEAD') return { status: 200, headers: {} };
  if (method === 'POST' && sub === 'delete') return removeObjects(files, ask);
  if (method === 'GET' && sub === 'location') return xml({ LocationConstraint: '' });
  if (method === 'GET' && sub === 'uploads') return listUploads(files, ask);
  if (method === 'GET' && sub === undefined) return listObjects(files, ask);
  return notKnown();
}

async function answerUpload(files: ObjectFiles, method: string, ask: Ask): Promise<S3Answer> {
  const upload = files.findUpload(ask.bucket, ask.key, ask.query.get('uploadId') ?? '');
  if (!upload) throw noSuchUpload();
  switch (method) {
    case 'PUT':
      return putPart(files, ask, upload.id);
    case 'GET':
      return listParts(files, ask, upload.id);
    case 'DELETE':
      await files.abortUpload(upload.id);
      return { status: 204, headers: {} };
    case 'POST': {
      const chosen = chosenParts(files, upload.id, await readXml(ask));
      const object = await files.completeUpload(upload, chosen);
      if (!object) throw noSuchUpload();
      const result = {
        Location: ask.request.url,
        Bucket: ask.bucket,
        Key: ask.key,
        ETag: `"${object.etag}"`,
        ChecksumSHA256: object.sha256 ?? undefined,
      };
      return xml({ CompleteMultipartUploadResult: result });
    }
    default:
      return notKnown();
  }
}

async function putObject(files: ObjectFiles, ask: Ask): Promise<S3Answer> {
  const received = await receive(files, ask);
  const contentType = ask.request.headers['content-type'] ?? 'application/octet-stream';
  const object = await files.put(ask.bucket, ask.key, contentType, received);
  return { status: 200, headers: headersOf(object) };
}

async function putPart(files: ObjectFiles, ask: Ask, uploadId: string): Promise<S3Answer> {
  const number = Number(ask.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new S3Refusal(400, 'InvalidArgument', 'A part’s number is 1 to 10,000.');
  }
  const received = await receive(files, ask);
  const etag = newEtag();
  if (!(await files.putPart(uploadId, number, received, etag))) throw noSuchUpload();
  return { status: 200, headers: { etag: `"${etag}"`, ...checksumOf(received.sha256) } };
}

/** Takes a body in, and refuses it where it is not what its headers declare. */
async function receive(files: ObjectFiles, { request, signed }: Ask): Promise<Received> {
  const declared = request.headers['x-amz-checksum-sha256'];
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxPutBytes) throw new S3Refusal(400, 'EntityTooLarge', 'One PUT takes 5 GiB at most.');
  const received = await files.receive(request, declared !== undefined || signed.bodySha256 !== undefined);
  const refused = (code: string, message: string) => {
    throw new S3Refusal(400, code, message);
  };
  try {
    const hex = received.sha256 === null ? undefined : Buffer.from(received.sha256, 'base64').toString('hex');
    if (received.sizeBytes > maxPutBytes) refused('EntityTooLarge', 'One PUT takes 5 GiB at most.');
    if (declared !== undefined && received.sha256 !== declared) refused('BadDigest', 'The SHA-256 is another one.');
    if (signed.bodySha256 !== undefined && signed.bodySha256 !== hex) {
      refused('XAmzContentSHA256Mismatch', 'The SHA-256 is not the signed one.');
    }
  } catch (error) {
    await files.discard(received);
    throw error;
  }
  // A hash computed for the signature alone is not a declared checksum.
  return declared === undefined ? { ...received, sha256: null } : received;
}

async function copyObject(files: ObjectFiles, ask: Ask): Promise<S3Answer> {
  const { headers } = ask.request;
  // The presigned URLs that this product hands out never sign the copy header.
  if (ask.signed.isPresigned) throw new S3Refusal(403, 'AccessDenied', 'A presigned URL copies nothing.');
  const [bucket = '', ...rest] = decoded(String(headers['x-amz-copy-source']).replace(/^\//, '')).split('/');
  const source = files.find(bucket, rest.join('/'));
  if (!source) throw noSuchKey();
  const isReplaced = headers['x-amz-metadata-directive'] === 'REPLACE';
  const contentType = (isReplaced && headers['content-type']) || source.contentType;
  const object = await files.copy(source, ask.bucket, ask.key, contentType);
  return xml({ CopyObjectResult: { ETag: `"${object.etag}"`, LastModified: object.modifiedAt.toISOString() } });
}

function getObject(files: ObjectFiles, method: string, { request, query, bucket, key }: Ask): S3Answer {
  const object = files.find(bucket, key);
  if (!object) throw noSuchKey();
  const range = rangeOf(request.headers.range, object.sizeBytes);
  const { start, end } = range ?? { start: 0, end: object.sizeBytes - 1 };
  const headers: OutgoingHttpHeaders = {
    'content-type': object.contentType,
    ...headersOf(object, request.headers['x-amz-checksum-mode'] === 'ENABLED' && !range),
    'last-modified': object.modifiedAt.toUTCString(),
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(range && { 'content-range': `bytes ${start}-${end}/${object.sizeBytes}` }),
  };
  for (const name of ['content-type', 'content-disposition', 'cache-control', 'content-encoding', 'content-language']) {
    const value = query.get(`response-${name}`);
    if (value === null) continue;
    if (!/^[\x20-\x7e]*$/.test(value)) throw new S3Refusal(400, 'InvalidArgument', `response-${name} must be ASCII.`);
    headers[name] = value;
  }
  const status = range ? 206 : 200;
  return method === 'HEAD' ? { status, headers } : { status, headers, body: files.read(object, start, end) };
}

/** Parses `bytes=0-0`, `bytes=5-` and `bytes=-5`; any other form of the header is ignored, as HTTP allows. */
function rangeOf(header: string | undefined, sizeBytes: number): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  if (start > end) throw new S3Refusal(416, 'InvalidRange', 'The range is not satisfiable.');
  return { start, end };
}

const Removals = z.object({ Delete: z.object({ Object: z.array(z.object({ Key: z.string() })).max(pageSize) }) });

async function removeObjects(files: ObjectFiles, ask: Ask): Promise<S3Answer> {
  const keys = parsed(Removals, await readXml(ask)).Delete.Object.map(({ Key }) => Key);
  await files.remove(ask.bucket, keys);
  return xml({ DeleteResult: { Deleted: keys.map((Key) => ({ Key })) } });
}

function listObjects(files: ObjectFiles, { query, bucket }: Ask): S3Answer {
  if (query.get('delimiter')) throw new S3Refusal(501, 'NotImplemented', 'Lists are flat here; give no delimiter.');
  const [prefix, limit] = [query.get('prefix') ?? '', limitOf(query, 'max-keys')];
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? query.get('marker') ?? '') : fromToken(token);
  const found = files.list(bucket, prefix, after, limit + 1);
  const page = found.slice(0, limit);
  const isTruncated = found.length > limit;
  const shown = encoder(query);
  return xml({
    ListBucketResult: {
      Name: bucket,
      Prefix: shown(prefix),
      KeyCount: page.length,
      MaxKeys: limit,
      IsTruncated: isTruncated,
      ...(query.get('encoding-type') === 'url' && { EncodingType: 'url' }),
      ...(isTruncated && {
        NextContinuationToken: Buffer.from(page.at(-1)?.key ?? '').toString('base64url'),
        NextMarker: shown(page.at(-1)?.key ?? ''),
      }),
      Contents: page.map(({ key, etag, sizeBytes, modifiedAt }) => ({
        Key: shown(key),
        LastModified: modifiedAt.toISOString(),
        ETag: `"${etag}"`,
        Size: sizeBytes,
        StorageClass: 'STANDARD',
      })),
    },
  });
}

function listUploads(files: ObjectFiles, { query, bucket }: Ask): S3Answer {
  const [prefix, limit] = [query.get('prefix') ?? '', limitOf(query, 'max-uploads')];
  const afterKey = query.get('key-marker') ?? '';
  // A key without an upload's id is behind all uploads of it; ids are hexadecimal.
  const afterId = query.get('upload-id-marker') ?? (afterKey === '' ? '' : '~');
  const found = files.uploads(bucket, prefix, afterKey, afterId, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const isTruncated = found.length > limit;
  const shown = encoder(query);
  return xml({
    ListMultipartUploadsResult: {
      Bucket: bucket,
      IsTruncated: isTruncated,
      ...(isTruncated && last && { NextKeyMarker: shown(last.key), NextUploadIdMarker: last.id }),
      Upload: page.map(({ id, key, createdAt }) => ({
        Key: shown(key),
        UploadId: id,
        Initiated: createdAt.toISOString(),
      })),
    },
  });
}

function beginUpload(files: ObjectFiles, { request, bucket, key }: Ask): S3Answer {
  const uploadId = files.beginUpload(bucket, key, request.headers['content-type'] ?? 'application/octet-stream');
  return xml({ InitiateMultipartUploadResult: { Bucket: bucket, Key: key, UploadId: uploadId } });
}

function listParts(files: ObjectFiles, { query, bucket, key }: Ask, uploadId: string): S3Answer {
  const limit = limitOf(query, 'max-parts');
  const found = files.parts(uploadId, Number(query.get('part-number-marker') ?? 0), limit + 1);
  const page = found.slice(0, limit);
  const isTruncated = found.length > limit;
  return xml({
    ListPartsResult: {
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      IsTruncated: isTruncated,
      ...(isTruncated && { NextPartNumberMarker: page.at(-1)?.number }),
      Part: page.map((part) => ({
        PartNumber: part.number,
        LastModified: part.modifiedAt.toISOString(),
        ETag: `"${part.etag}"`,
        Size: part.sizeBytes,
        ...(part.sha256 !== null && { ChecksumSHA256: part.sha256 }),
      })),
    },
  });
}

const Completion = z.object({
  CompleteMultipartUpload: z.object({
    Part: z
      .array(z.object({ PartNumber: z.string(), ETag: z.string(), ChecksumSHA256: z.string().optional() }))
      .min(1)
      .max(10_000),
  }),
});

function chosenParts(files: ObjectFiles, uploadId: string, document: unknown): FilePart[] {
  const asked = parsed(Completion, document).CompleteMultipartUpload.Part;
  const there = new Map(files.parts(uploadId, 0, 10_000).map((part) => [part.number, part]));
  let last = 0;
  const chosen = asked.map(({ PartNumber, ETag, ChecksumSHA256 }) => {
    const part = there.get(Number(PartNumber));
    if (Number(PartNumber) <= last) throw new S3Refusal(400, 'InvalidPartOrder', 'Parts must be in their order.');
    last = Number(PartNumber);
    const isIt =
      part?.etag === ETag.replace(/^"|"$|&quot;/g, '') && (!ChecksumSHA256 || part.sha256 === ChecksumSHA256);
    if (!part || !isIt) throw new S3Refusal(400, 'InvalidPart', `Part ${PartNumber} is not there as it was named.`);
    return part;
  });
  const isTooSmall = chosen.slice(0, -1).some(({ sizeBytes }) => sizeBytes < minPartBytes);
  if (isTooSmall) throw new S3Refusal(400, 'EntityTooSmall', 'Every part but the last has 5 MiB at least.');
  return chosen;
}

async function readXml({ request, signed }: Ask): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > maxXmlBytes) throw new S3Refusal(400, 'MalformedXML', 'The XML is too large.');
  }
  const body = Buffer.concat(pieces);
  if (signed.bodySha256 !== undefined && createHash('sha256').update(body).digest('hex') !== signed.bodySha256) {
    throw new S3Refusal(400, 'XAmzContentSHA256Mismatch', 'The SHA-256 is not the signed one.');
  }
  try {
    return fromXml(body.toString('utf8'));
  } catch {
    throw new S3Refusal(400, 'MalformedXML', 'The XML is not well formed.');
  }
}

function parsed<T>(schema: z.ZodType<T>, document: unknown): T {
  const result = schema.safeParse(document);
  if (!result.success) throw new S3Refusal(400, 'MalformedXML', 'The XML is not what this request takes.');
  return result.data;
}

function refuseKey(key: string): void {
  if (Buffer.byteLength(key) > 1024) throw new S3Refusal(400, 'KeyTooLongError', 'A key has 1,024 bytes at most.');
  if (/[\0\\]/.test(key) || key.split('/').some((part) => part === '.' || part === '..')) {
    throw new S3Refusal(400, 'InvalidArgument', 'The key has NUL, a backslash, or a part that is "." or "..".');
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3Refusal(400, 'InvalidURI', 'The path is not well formed.');
  }
}

function limitOf(query: URLSearchParams, name: string): number {
  const limit = Number(query.get(name) ?? pageSize);
  if (!Number.isInteger(limit) || limit < 1) throw new S3Refusal(400, 'InvalidArgument', `${name} is no whole number.`);
  return Math.min(limit, pageSize);
}

const fromToken = (token: string) => Buffer.from(token, 'base64url').toString('utf8');
const encoder = (query: URLSearchParams) => (text: string) =>
  query.get('encoding-type') === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;
const bucketList = (files: ObjectFiles) => ({
  Buckets: { Bucket: files.buckets().map((Name) => ({ Name, CreationDate: new Date(0).toISOString() })) },
});
const checksumOf = (sha256: string | null) => (sha256 === null ? {} : { 'x-amz-checksum-sha256': sha256 });
const headersOf = (object: FileObject, isChecksumAsked = true) => ({
  etag: `"${object.etag}"`,
  ...(isChecksumAsked && checksumOf(object.sha256)),
});
const xml = (document: Record<string, unknown>): S3Answer => ({ status: 200, headers: {}, body: toXml(document) });
const noSuchBucket = () => new S3Refusal(404, 'NoSuchBucket', 'There is no such bucket.');
const noSuchKey = () => new S3Refusal(404, 'NoSuchKey', 'There is no such object.');
const noSuchUpload = () => new S3Refusal(404, 'NoSuchUpload', 'The upload was completed or aborted, or never was.');
const notKnown = (): never => {
  throw new S3Refusal(501, 'NotImplemented', 'This is not among what this server does of S3.');
};
