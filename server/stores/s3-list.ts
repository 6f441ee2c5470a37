import type { Client } from 'minio';
import { z } from 'zod';
import { textOf } from './s3-multipart.ts';
import { escaped } from './s3-presign.ts';
import { fromXml } from './s3-xml.ts';

const ObjectList = z.object({
  ListBucketResult: z.object({
    EncodingType: z.string().default(''),
    Contents: z.array(z.object({ Key: z.string(), Size: z.string() })).default([]),
  }),
});

/**
 * Up to 1,000 objects with a prefix after a key, in the order of their keys' bytes. minio-js takes every list for encoded,
 * which versitygw's are not, and drops spaces at the ends of keys.
 */
export async function readPage(
  client: Client,
  bucket: string,
  prefix: string,
  after: string,
): Promise<{ key: string; sizeBytes: number }[]> {
  const query = `list-type=2&encoding-type=url&max-keys=1000&prefix=${escaped(prefix)}&start-after=${escaped(after)}`;
  const asked = { method: 'GET', bucketName: bucket, query };
  const { ListBucketResult: list } = ObjectList.parse(fromXml(await textOf(await client.makeRequestAsync(asked))));
  const isEncoded = list.EncodingType === 'url';
  return list.Contents.map(({ Key, Size }) => ({
    key: isEncoded ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
    sizeBytes: Number(Size),
  }));
}
