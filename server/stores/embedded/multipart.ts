import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Request = z.looseObject({
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.union([z.string(), z.array(z.string()), z.undefined()])),
});
type Answer = { status: number; body?: unknown };
type Middleware = (ctx: unknown, next: () => Promise<unknown>) => Promise<unknown>;

const Server = z.looseObject({ middleware: z.array(z.custom<Middleware>((value) => typeof value === 'function')) });
const Refusal = z.looseObject({ code: z.string() });

/**
 * Adds to an s3rver what it lacks of multipart uploads: ListParts, AbortMultipartUpload, and the refusal of a part whose
 * upload is gone, which s3rver would keep for ever. s3rver checks the signature and then says MethodNotAllowed to the
 * first two; that is where they are answered.
 */
export function addMultipart(s3: unknown, directory: string): void {
  const { middleware } = Server.parse(s3);
  const answer: Middleware = async (ctx, next) => {
    const request = Request.parse(ctx);
    const folder = folderOf(directory, request);
    if (request.method === 'PUT' && folder !== undefined && !(await readKey(folder))) {
      return Object.assign(Object(ctx), noSuchUpload);
    }
    try {
      return await next();
    } catch (error) {
      const refusal = Refusal.safeParse(error);
      if (!refusal.success || refusal.data.code !== 'MethodNotAllowed' || folder === undefined) throw error;
      if (request.method === 'GET') return Object.assign(Object(ctx), await listParts(folder, request));
      if (request.method === 'DELETE') return Object.assign(Object(ctx), await abort(folder, request));
      throw error;
    }
  };
  // The last is the router; before it stands the one that turns an object into XML.
  middleware.splice(-1, 0, answer);
  Object.assign(Object(s3), { middleware });
}

const noSuchUpload: Answer = {
  status: 404,
  body: { Error: { Code: 'NoSuchUpload', Message: 'The upload was completed or aborted, or never was.' } },
};

function folderOf(directory: string, request: z.infer<typeof Request>): string | undefined {
  const { uploadId } = request.query;
  const bucket = request.path.split('/')[1] ?? '';
  if (typeof uploadId !== 'string') return undefined;
  // Both become part of a path of the file system.
  if (!/^[0-9a-f]{32}$/.test(uploadId) || !/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket)) return join(directory, 'none');
  return join(directory, bucket, '._S3rver_uploads', uploadId);
}

const readKey = (folder: string) => readFile(join(folder, 'key'), 'utf8').catch(() => undefined);

const isOf = (key: string, request: z.infer<typeof Request>) =>
  decodeURIComponent(request.path).split('/').slice(2).join('/') === key;

async function listParts(folder: string, request: z.infer<typeof Request>): Promise<Answer> {
  const key = await readKey(folder);
  if (key === undefined || !isOf(key, request)) return noSuchUpload;
  const after = Number(request.query['part-number-marker'] ?? 0);
  const numbers = (await readdir(folder))
    .filter((name) => /^\d{1,5}$/.test(name))
    .map(Number)
    .filter((number) => number > after)
    .sort((a, b) => a - b);
  const page = numbers.slice(0, 1000);
  const parts = await Promise.all(
    page.map(async (number) => {
      const path = join(folder, String(number));
      // The MD5 is written once the part has arrived.
      const [{ size, mtime }, md5] = await Promise.all([stat(path), readFile(`${path}.md5`, 'utf8').catch(() => '')]);
      return md5 && { PartNumber: number, LastModified: mtime.toISOString(), ETag: `"${md5}"`, Size: size };
    }),
  );
  return {
    status: 200,
    body: {
      ListPartsResult: {
        Key: key,
        IsTruncated: page.length < numbers.length,
        ...(page.length < numbers.length && { NextPartNumberMarker: page.at(-1) }),
        Part: parts.filter((part) => part !== ''),
      },
    },
  };
}

async function abort(folder: string, request: z.infer<typeof Request>): Promise<Answer> {
  const key = await readKey(folder);
  if (key === undefined || !isOf(key, request)) return noSuchUpload;
  await rm(folder, { recursive: true, force: true });
  return { status: 204 };
}
