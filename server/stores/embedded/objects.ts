import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { type Listening, listenOnLoopback } from './listen.ts';
import { addMultipart } from './multipart.ts';

const require = createRequire(import.meta.url);
// The package has no types; what is used of it is stated here and checked when it is loaded.
const Handler = z.custom<(request: IncomingMessage, response: ServerResponse) => void>((f) => typeof f === 'function');
const Account = z.object({ registry: z.instanceof(Map), DUMMY_ACCOUNT: z.object({ accessKeys: z.instanceof(Map) }) });

/**
 * An S3 server on loopback with its files in `directory`: s3rver behind a guard that refuses what s3rver lets through,
 * which is requests without a signature, and keys that leave their bucket or that the file system cannot hold.
 */
export async function startEmbeddedObjects(options: {
  directory: string;
  accessKey: string;
  secretKey: string;
  preferredPort?: number | undefined;
}): Promise<Listening> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const S3rver = require('@20minutes/s3rver');
  const { registry, DUMMY_ACCOUNT } = Account.parse(
    Object.assign(
      {},
      { registry: require('@20minutes/s3rver/lib/models/account.js').registry },
      {
        DUMMY_ACCOUNT: require('@20minutes/s3rver/lib/models/account.js').DUMMY_ACCOUNT,
      },
    ),
  );
  registry.delete('S3RVER');
  DUMMY_ACCOUNT.accessKeys.clear();
  DUMMY_ACCOUNT.accessKeys.set(options.accessKey, options.secretKey);
  registry.set(options.accessKey, DUMMY_ACCOUNT);
  const s3 = new S3rver({ directory: options.directory, silent: true, resetOnClose: false, vhostBuckets: false });
  addMultipart(s3, options.directory);
  keepFolders(s3.store);
  keepInBucket(s3.store);
  const handle = Handler.parse(s3.callback());
  return listenOnLoopback((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'ETag, Content-Range, Content-Length');
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'GET, HEAD, PUT');
      response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
      response.writeHead(204).end();
      return;
    }
    const refusal = refusalOf(request);
    if (!refusal) return handle(request, response);
    // Read away what was sent, or the client sees a reset instead of the answer.
    request.resume();
    response.writeHead(refusal.status, { 'content-type': 'application/xml' });
    response.end(
      `<?xml version="1.0"?><Error><Code>${refusal.code}</Code><Message>${refusal.message}</Message></Error>`,
    );
  }, options.preferredPort);
}

/**
 * Refuses every path that leaves the bucket at the one place that all of s3rver's files come from: the keys of a batch
 * delete and the source of a copy are in no URL that the guard sees.
 */
function keepInBucket(store: object): void {
  const { getResourcePath } = FileStore.parse(store);
  Object.assign(store, {
    getResourcePath(this: object, bucket: string, key: string | undefined, resource: string) {
      const isOutside = [bucket, ...String(key ?? '').split('/')].some((part) => /^\.\.?$|[\\\0]/.test(part));
      if (isOutside) throw new Error('The key leaves its bucket.');
      return Reflect.apply(getResourcePath, this, [bucket, key, resource]);
    },
  });
}

const FileStore = z.object({
  getResourcePath: z.custom<(bucket: string, key: string, resource: string) => string>((f) => typeof f === 'function'),
});

/**
 * Makes a delete remove the object's files and nothing else. s3rver goes on to remove the folders that it finds empty,
 * with whatever has come into them in the meantime: an object that was just acknowledged went with its folder.
 */
function keepFolders(store: object): void {
  FileStore.parse(store);
  Object.assign(store, {
    async deleteObject(this: z.infer<typeof FileStore>, bucket: string, key: string) {
      const files = ['object', 'object.md5', 'metadata.json'].map((name) => this.getResourcePath(bucket, key, name));
      await Promise.all(files.map((file) => rm(file, { force: true })));
    },
  });
}

function refusalOf(request: IncomingMessage): { status: number; code: string; message: string } | undefined {
  const [rawPath = '', rawQuery = ''] = (request.url ?? '').split('?');
  const query = new URLSearchParams(rawQuery);
  // s3rver takes a query for signed by its algorithm alone, and one with a signature but no algorithm for unsigned.
  const isPresigned = query.get('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256' && query.has('X-Amz-Signature');
  const isSigned = isPresigned || request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ');
  if (!isSigned) return { status: 403, code: 'AccessDenied', message: 'The request has no signature.' };
  // Not among the signed headers of a presigned PUT: with it the URL would copy whatever its holder names.
  if (isPresigned && request.headers['x-amz-copy-source'] !== undefined) {
    return { status: 403, code: 'AccessDenied', message: 'A presigned URL copies nothing.' };
  }
  let path = rawPath;
  try {
    path = decodeURIComponent(rawPath);
  } catch {
    return { status: 400, code: 'InvalidURI', message: 'The path is not well formed.' };
  }
  const segments = path.split(/[/\\]/).slice(1);
  const isOutside =
    path.includes('\0') || path.includes('\\') || segments.some((part) => part === '..' || part === '.');
  const isTooLong =
    Buffer.byteLength(segments.slice(1).join('/')) > 1024 || segments.some((part) => Buffer.byteLength(part) > 200);
  if (isOutside || isTooLong) {
    return { status: 400, code: 'InvalidArgument', message: 'The key is too long, or it leaves its bucket.' };
  }
  return undefined;
}
