import type { Client } from 'minio';
import { z } from 'zod';
import { codeOf, isMissing, translated, translateObjectsError } from './s3-errors.ts';

/** An object that could not be removed, and why: S3's own code, such as `AccessDenied`. */
export type RemovalFailure = { key: string; code: string };

/** The answer of minio-js, which differs from its types. */
const Failures = z.array(z.object({ Key: z.string(), Code: z.string().default('') }));

/** Characters that XML 1.0 cannot write, or that its readers change. */
const beyondXml = /[\p{Cc}\ufffe\uffff]/u;

/** Removes objects by one request, but those with keys beyond XML, which go alone, for they would spoil it. */
export async function removeObjects(
  client: Client,
  bucket: string,
  keys: readonly string[],
  at: (key: string) => string,
): Promise<RemovalFailure[]> {
  const plain = keys.filter((key) => !beyondXml.test(key));
  const failures = await removeMany(client, bucket, plain, at);
  for (const key of keys) if (beyondXml.test(key)) failures.push(...(await removeOne(client, bucket, key, at)));
  return failures;
}

/** S3 answers with 200 also where it could not remove some. */
async function removeMany(
  client: Client,
  bucket: string,
  keys: readonly string[],
  at: (key: string) => string,
): Promise<RemovalFailure[]> {
  const [only] = keys;
  if (only === undefined) return [];
  if (keys.length === 1) return removeOne(client, bucket, only, at);
  const answered = await translated(async () => Failures.parse(await client.removeObjects(bucket, keys.map(at))));
  const failures = answered.filter(({ Code }) => !missing.has(Code));
  const codes = new Map(failures.map(({ Key, Code }) => [Key, Code]));
  const found = keys.flatMap((key) => {
    const code = codes.get(at(key));
    return code === undefined ? [] : { key, code };
  });
  // A name that came back changed is any of them: removing what is gone is a success.
  const [first] = failures;
  return first && found.length < codes.size ? keys.map((key) => ({ key, code: first.Code })) : found;
}

const missing = new Set(['NoSuchKey', 'NotFound']);

async function removeOne(
  client: Client,
  bucket: string,
  key: string,
  at: (key: string) => string,
): Promise<RemovalFailure[]> {
  try {
    await client.removeObject(bucket, at(key));
    return [];
  } catch (error) {
    if (isMissing(error)) return [];
    // One object among many is refused; other calls find out whether the whole store is closed to the server.
    if (codeOf(error) === 'AccessDenied') return [{ key, code: 'AccessDenied' }];
    throw translateObjectsError(error);
  }
}
