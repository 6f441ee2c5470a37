import type { Readable } from 'node:stream';
import type { Client } from 'minio';
import { z } from 'zod';
import { escaped } from './s3-presign.ts';
import { fromXml, toXml } from './s3-xml.ts';

/** `sha256` in hexadecimal, where the part was sent with a checksum that the store checked. */
export type UploadedPartInfo = { partNumber: number; etag: string; sizeBytes: number; sha256?: string | undefined };

const maxPages = 100;

const PartList = z.object({
  ListPartsResult: z.object({
    IsTruncated: z.string().default('false'),
    NextPartNumberMarker: z.string().optional(),
    Part: z
      .array(
        z.object({ PartNumber: z.string(), ETag: z.string(), Size: z.string(), ChecksumSHA256: z.string().optional() }),
      )
      .default([]),
  }),
});

/** Every part that has arrived, in its order. minio-js has no listing that tells checksums. */
export async function readParts(
  client: Client,
  bucket: string,
  key: string,
  uploadId: string,
): Promise<UploadedPartInfo[]> {
  const parts: UploadedPartInfo[] = [];
  let marker = '0';
  for (let page = 0; page < maxPages; page += 1) {
    const query = `uploadId=${escaped(uploadId)}&max-parts=1000&part-number-marker=${marker}`;
    const asked = { method: 'GET', bucketName: bucket, objectName: key, query };
    const { ListPartsResult: list } = PartList.parse(fromXml(await textOf(await client.makeRequestAsync(asked))));
    for (const part of list.Part) {
      parts.push({
        partNumber: Number(part.PartNumber),
        etag: part.ETag.replace(/"/g, ''),
        sizeBytes: Number(part.Size),
        sha256: hexOf(part.ChecksumSHA256),
      });
    }
    if (list.IsTruncated !== 'true' || !list.NextPartNumberMarker) return parts;
    marker = list.NextPartNumberMarker;
  }
  return parts;
}

/** Puts parts together, with their checksums where they have them, as S3 then asks. */
export async function assemble(
  client: Client,
  bucket: string,
  key: string,
  uploadId: string,
  parts: readonly UploadedPartInfo[],
): Promise<void> {
  const Part = parts.map(({ partNumber, etag, sha256 }) => ({
    PartNumber: partNumber,
    ETag: etag,
    ...(sha256 !== undefined && { ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64') }),
  }));
  const query = `uploadId=${escaped(uploadId)}`;
  const asked = { method: 'POST', bucketName: bucket, objectName: key, query };
  const answer = await textOf(await client.makeRequestAsync(asked, toXml({ CompleteMultipartUpload: { Part } })));
  // S3 begins its answer with 200 before it knows how the assembly ends.
  const failure = /<Error>.*?<Code>([^<]+)<\/Code>/s.exec(answer);
  if (failure) throw Object.assign(new Error('The store could not put the parts together.'), { code: failure[1] });
}

/** Uploads in the order of their keys, and after which key there are more; undefined where there are none. */
export type UploadPage = { uploads: { key: string; uploadId: string }[]; nextAfter: string | undefined };

const UploadList = z.object({
  ListMultipartUploadsResult: z.object({
    IsTruncated: z.string().default('false'),
    Upload: z.array(z.object({ Key: z.string(), UploadId: z.string() })).default([]),
  }),
});

async function listUploads(client: Client, bucket: string, query: string) {
  const asked = { method: 'GET', bucketName: bucket, query: `uploads=&max-uploads=1000${query}` };
  const { ListMultipartUploadsResult: list } = UploadList.parse(
    fromXml(await textOf(await client.makeRequestAsync(asked))),
  );
  const uploads = list.Upload.map(({ Key, UploadId }) => ({ key: Key, uploadId: UploadId }));
  return { uploads, isTruncated: list.IsTruncated === 'true' };
}

/** The ids of the uploads of exactly this key, at most 1,000. */
export async function readUploads(client: Client, bucket: string, key: string): Promise<string[]> {
  const { uploads } = await listUploads(client, bucket, `&prefix=${escaped(key)}`);
  return uploads.flatMap((upload) => (upload.key === key ? [upload.uploadId] : []));
}

/**
 * Uploads of the whole bucket, because MinIO lists by a key only, not by a prefix. A page ends with all uploads of its
 * last key, because versitygw continues after a key only.
 */
export async function readUploadPage(client: Client, bucket: string, after: string): Promise<UploadPage> {
  const marker = after === '' ? '' : `&key-marker=${escaped(after)}`;
  const { uploads, isTruncated } = await listUploads(client, bucket, marker);
  const last = uploads.at(-1)?.key;
  // A store that does not go on would be asked for ever.
  if (!isTruncated || last === undefined || last === after) return { uploads, nextAfter: undefined };
  const ofLast = (await readUploads(client, bucket, last)).map((uploadId) => ({ key: last, uploadId }));
  return { uploads: [...uploads.filter(({ key }) => key !== last), ...ofLast], nextAfter: last };
}

export async function textOf(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

/** A checksum as S3 writes it, in hexadecimal; undefined for a hash of hashes or none. */
export function hexOf(base64: string | undefined): string | undefined {
  return base64 !== undefined && /^[A-Za-z0-9+/]{43}=$/.test(base64)
    ? Buffer.from(base64, 'base64').toString('hex')
    : undefined;
}
