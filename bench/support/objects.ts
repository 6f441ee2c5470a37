import { randomUUID } from 'node:crypto';
import { startReferenceProcess } from './server.ts';

/** The object store that the environment names, or the embedded one in a process of its own. */
export async function objectStoreOf(stack: AsyncDisposableStack) {
  const { S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY } = process.env;
  if (S3_ENDPOINT && S3_ACCESS_KEY && S3_SECRET_KEY) {
    return { endpoint: S3_ENDPOINT, accessKey: S3_ACCESS_KEY, secretKey: S3_SECRET_KEY };
  }
  const [accessKey, secretKey] = [randomUUID(), randomUUID()];
  const keys = { S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey };
  const process_ = stack.use(await startReferenceProcess(new URL('./bare-s3.ts', import.meta.url), keys));
  return { endpoint: process_.url, accessKey, secretKey };
}
