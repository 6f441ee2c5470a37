import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { toXml } from '../s3-xml.ts';
import { isDamage, isNoRoom } from './checked-database.ts';
import { lacksRoom, lacksRoomFor } from './disk.ts';
import { type Listening, listenOnLoopback } from './listen.ts';
import { openObjectFiles } from './object-files.ts';
import { answerS3 } from './s3-operations.ts';
import { S3Refusal } from './s3-refusal.ts';
import { checkSignature } from './s3-signature.ts';

/**
 * A small S3 server on loopback with its files in `directory`: what this product and a presigned URL's holder ask of S3, and
 * nothing else of it. Every request must be signed (SigV4, path style); checksums and lengths that are declared are checked
 * before a byte becomes an object. What it acknowledged survives the end of the process.
 */
export async function startEmbeddedObjects(options: {
  directory: string;
  accessKey: string;
  secretKey: string;
  /** The region that requests are signed for: us-east-1. */
  region?: string | undefined;
  preferredPort?: number | undefined;
  log?: Logger | undefined;
}): Promise<Listening> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const files = await openObjectFiles(options.directory, options.log);
  const keys = { ...options, region: options.region ?? 'us-east-1' };
  // Once set, every ping reports it: a restart checks everything.
  let isDamaged = false;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const signed = checkSignature(request, keys, new Date());
    if (isDamaged && isPing(request))
      throw new S3Refusal(500, 'InternalError', 'The index of the object store is damaged.');
    await refuseWithoutRoom(request, options.directory);
    const answer = await answerS3(files, request, signed);
    const { status, headers, body } = answer;
    if (body === undefined || typeof body === 'string') {
      response.writeHead(status, { ...headers, ...(body && { 'content-type': 'application/xml' }) }).end(body);
      return;
    }
    response.writeHead(status, headers);
    await pipeline(body, response);
  };
  const listening = await listenOnLoopback((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader(
      'access-control-expose-headers',
      'ETag, Content-Range, Content-Length, Content-Disposition, Retry-After, x-amz-checksum-sha256',
    );
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'GET, HEAD, PUT');
      response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
      response.setHeader('access-control-max-age', '3600');
      response.writeHead(204).end();
      return;
    }
    handle(request, response).catch((error: unknown) => {
      isDamaged ||= isDamage(error);
      refuse(request, response, error);
    });
  }, options.preferredPort);
  return {
    ...listening,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      files.close();
    },
  };
}

/** The list of buckets, by which `ObjectStore.ping` asks. */
const isPing = ({ method, url = '' }: IncomingMessage) => method === 'GET' && /^\/(?:\?|$)/.test(url);

/** A ping is told of a full disk before anything fails, and a body that would fill it is not begun. */
async function refuseWithoutRoom(request: IncomingMessage, directory: string): Promise<void> {
  const comingBytes = request.method === 'PUT' ? Number(request.headers['content-length'] ?? 0) : 0;
  if (!isPing(request) && comingBytes === 0) return;
  const problem = await (isPing(request) ? lacksRoom(directory) : lacksRoomFor(directory, comingBytes));
  if (problem) throw new S3Refusal(507, 'InsufficientStorage', `The disk of the object store ${problem}.`);
}

function refusalOf(error: unknown): S3Refusal {
  return isNoRoom(error)
    ? new S3Refusal(507, 'InsufficientStorage', 'The disk of the object store takes no writes.')
    : new S3Refusal(500, 'InternalError', 'The object store failed; try again.');
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal = error instanceof S3Refusal ? error : refusalOf(error);
  // Read away what was sent, or the client sees a reset instead of the answer.
  request.resume();
  response.writeHead(refusal.status, { 'content-type': 'application/xml' });
  response.end(
    request.method === 'HEAD'
      ? undefined
      : toXml({ Error: { Code: refusal.code, Message: refusal.message, Region: refusal.region } }),
  );
}
