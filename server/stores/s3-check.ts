import { createHash, randomUUID } from 'node:crypto';
import type { Client } from 'minio';
import { NexusError } from '../errors.ts';
import type { ObjectsAddress } from './s3-client.ts';
import { codeOf } from './s3-errors.ts';
import { hexOf, textOf } from './s3-multipart.ts';
import { bodyHeaders, presignUrl } from './s3-presign.ts';
import { toXml } from './s3-xml.ts';

export type BrowserAccess = 'set' | 'kept' | 'refused';

/** See `ObjectStore.prepare`. */
export async function prepareObjects(
  client: Client,
  address: ObjectsAddress,
  buckets: readonly string[],
): Promise<{ checksBodies: boolean }> {
  for (const bucket of buckets) {
    if (await isThere(client, address, bucket)) continue;
    await client.makeBucket(bucket, address.region).catch((error: unknown) => {
      // Another server made it in the same moment.
      if (codeOf(error) === 'BucketAlreadyOwnedByYou' || codeOf(error) === 'BucketAlreadyExists') return;
      throw refusedAtStart(address, `make the bucket "${bucket}"`, error);
    });
  }
  const [bucket] = buckets;
  return { checksBodies: bucket !== undefined && (await tryBodies(client, address, bucket)) };
}

/** Asks for the bucket's region: unlike HEAD, the answer says what was wrong. */
async function isThere(client: Client, address: ObjectsAddress, bucket: string): Promise<boolean> {
  try {
    const asked = { method: 'GET', bucketName: bucket, query: 'location=' };
    const answer = await textOf(await client.makeRequestAsync(asked));
    const region = /<LocationConstraint[^>]*>([a-z0-9-]+)</.exec(answer)?.[1];
    if (region === undefined || region === address.region) return true;
    throw Object.assign(new Error(`the bucket is in ${region}`), { code: 'InvalidRegion', region });
  } catch (error) {
    if (codeOf(error) === 'NoSuchBucket' || codeOf(error) === 'NotFound') return false;
    throw refusedAtStart(address, `read the bucket "${bucket}"`, error);
  }
}

/** Writes, reads and removes an object, and looks whether one whose SHA-256 is not the signed one is refused. */
async function tryBodies(client: Client, address: ObjectsAddress, bucket: string): Promise<boolean> {
  // No installation counts it among its objects.
  const key = `~check/${randomUUID()}`;
  const bytes = Buffer.from(key);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  try {
    await client.putObject(bucket, key, bytes, bytes.length);
    const isTrueTaken = await isTaken(address, bucket, key, bytes, sha256);
    const isFalseTaken = await isTaken(address, bucket, key, bytes, '0'.repeat(64));
    const asked = { method: 'HEAD', bucketName: bucket, objectName: key };
    const response = await client.makeRequestAsync({ ...asked, headers: { 'x-amz-checksum-mode': 'ENABLED' } });
    response.resume();
    const told = response.headers['x-amz-checksum-sha256'];
    return isTrueTaken && !isFalseTaken && hexOf(typeof told === 'string' ? told : undefined) === sha256;
  } catch (error) {
    throw refusedAtStart(address, `write the bucket "${bucket}"`, error);
  } finally {
    await client.removeObject(bucket, key).catch(() => undefined);
  }
}

async function isTaken(
  address: ObjectsAddress,
  bucket: string,
  key: string,
  bytes: Buffer<ArrayBuffer>,
  sha256: string,
) {
  const { signed, sent } = bodyHeaders({ sizeBytes: bytes.length, sha256 });
  const asked = { method: 'PUT' as const, bucket, key, expirySeconds: 60, headers: signed };
  const url = presignUrl(address.endpoint, address, asked);
  const response = await fetch(url, { method: 'PUT', headers: sent, body: bytes, signal: AbortSignal.timeout(30_000) });
  await response.arrayBuffer();
  return response.ok;
}

function refusedAtStart(address: ObjectsAddress, what: string, cause: unknown): NexusError {
  const code = codeOf(cause);
  const region = cause instanceof Error && 'region' in cause && typeof cause.region === 'string' ? cause.region : '';
  const said = cause instanceof Error && cause.message ? ` (${plain(cause.message)})` : '';
  return new NexusError(
    'unavailable',
    `The server cannot ${what} at S3_ENDPOINT ${address.endpoint}: ${remedyOf(code, address, region)}${said}.`,
    {
      details: { store: 'objects', ...(code && { code }) },
      cause,
    },
  );
}

/** In one line; quotes come as `&#34;` from stores that are written in Go. */
const plain = (message: string) =>
  message.replaceAll('\n', ' ').replace(/&#(\d{1,5});/g, (_, number) => String.fromCodePoint(Number(number)));

function remedyOf(code: string, address: ObjectsAddress, region: string): string {
  switch (code) {
    case 'InvalidAccessKeyId':
    // versitygw's.
    case 'XAdminUserNotFound':
      return 'the store does not know S3_ACCESS_KEY; correct it';
    case 'SignatureDoesNotMatch':
      return 'S3_SECRET_KEY is not that of S3_ACCESS_KEY; correct it';
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'InvalidRegion':
    case 'IllegalLocationConstraintException':
    case 'InvalidLocationConstraint':
      return `S3_REGION is "${address.region}", but the store is in ${region ? `"${region}"` : 'another region'}; change S3_REGION`;
    case 'RequestTimeTooSkewed':
      return 'the clocks of server and store differ by more than 15 minutes; set them';
    case 'AccessDenied':
    case 'Forbidden':
    case 'AllAccessDisabled':
      return 'S3_ACCESS_KEY may not do that; grant it s3:CreateBucket, s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject';
    case 'ENOTFOUND':
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EHOSTUNREACH':
    case 'ETIMEDOUT':
      return 'nothing answers there; correct S3_ENDPOINT or start the store';
    default:
      return 'check S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION';
  }
}

const rules = {
  CORSConfiguration: {
    CORSRule: {
      AllowedOrigin: '*',
      AllowedMethod: ['GET', 'HEAD', 'PUT'],
      AllowedHeader: '*',
      ExposeHeader: [
        'ETag',
        'Content-Length',
        'Content-Range',
        'Content-Disposition',
        'Retry-After',
        'x-amz-checksum-sha256',
      ],
      MaxAgeSeconds: 3600,
    },
  },
};

/** Sets a bucket's CORS rules where it has none; `refused` where the store does not allow it. */
export async function allowBrowsers(client: Client, bucket: string): Promise<BrowserAccess> {
  const asked = { bucketName: bucket, query: 'cors=' };
  try {
    (await client.makeRequestAsync({ ...asked, method: 'GET' })).resume();
    return 'kept';
  } catch (error) {
    if (codeOf(error) !== 'NoSuchCORSConfiguration') return 'refused';
  }
  const body = toXml(rules);
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
  try {
    (await client.makeRequestAsync({ ...asked, method: 'PUT', headers }, body)).resume();
    return 'set';
  } catch {
    return 'refused';
  }
}
