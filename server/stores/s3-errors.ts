import { z } from 'zod';
import { NexusError } from '../errors.ts';

const S3Failure = z.object({ code: z.string() });

export function codeOf(error: unknown): string {
  const parsed = S3Failure.safeParse(error);
  return parsed.success ? parsed.data.code : '';
}

export const isMissing = (error: unknown) =>
  ['NoSuchKey', 'NotFound', 'NoSuchUpload', 'NoSuchBucket'].includes(codeOf(error));

export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateObjectsError(error);
  }
}

/** Translates S3's error codes for a caller. */
export function translateObjectsError(error: unknown): NexusError {
  if (error instanceof NexusError) return error;
  const code = codeOf(error);
  const details = { store: 'objects', ...(code && { code }) };
  const as = (reason: 'not_found' | 'unavailable' | 'precondition_failed' | 'insufficient_storage', message: string) =>
    new NexusError(reason, message, { details, cause: error });
  if (isMissing(error)) return as('not_found', 'The object store has no such object; upload it again.');
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'AccessDenied', 'AuthorizationHeaderMalformed'].includes(code)) {
    return as(
      'unavailable',
      'The object store refused the server’s credentials or region; check S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION.',
    );
  }
  // minio's two, and what our own and other stores say.
  if (['XMinioStorageFull', 'XMinioDiskFull', 'InsufficientStorage', 'InsufficientCapacity'].includes(code)) {
    return as('insufficient_storage', 'The object store cannot write, for its disk is full; free space there.');
  }
  if (['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall'].includes(code)) {
    return as('precondition_failed', 'A part of the upload is missing or too small; send it again.');
  }
  return as('unavailable', 'The object store cannot be reached or did not answer as it should; try again shortly.');
}
