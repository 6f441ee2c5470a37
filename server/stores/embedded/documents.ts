import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { DatabaseDesigns } from '../documents.ts';
import { isDamage, isNoRoom } from './checked-database.ts';
import { CouchRefusal } from './couch-refusal.ts';
import { lacksRoom } from './disk.ts';
import { openDocumentFiles } from './document-files.ts';
import { answerCouch } from './document-routes.ts';
import { openViews } from './document-views.ts';
import { carryOver } from './level-carry-over.ts';
import { type Listening, listenOnLoopback } from './listen.ts';

/** `know` hands over the views that may run here: those of this program, whose maps CouchDB would be sent. */
export type EmbeddedDocuments = Listening & { know(designs: DatabaseDesigns): void };

/**
 * A small CouchDB on loopback with its files in `directory`, behind Basic auth: what this product asks of CouchDB, and
 * nothing else of it. It runs no text that it is sent. What LevelDB kept there before is carried over first.
 */
export async function startEmbeddedDocuments(options: {
  directory: string;
  user: string;
  password: string;
  preferredPort?: number | undefined;
  log?: Logger | undefined;
}): Promise<EmbeddedDocuments> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await carryOver(directory, options.log);
  const files = openDocumentFiles(directory);
  const documents = { files, views: openViews(files) };
  const expected = digest(`Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`);
  // Once set, `_up` reports it: a restart checks everything.
  let isDamaged = false;
  const answer = async (request: IncomingMessage) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      throw new CouchRefusal(401, 'unauthorized', 'Name or password is incorrect.');
    }
    if (request.url !== '/_up') return await answerCouch(documents, request);
    if (isDamaged) throw new CouchRefusal(500, 'file_corruption', `A file in ${directory} is damaged.`);
    const problem = await lacksRoom(directory);
    if (problem) throw new CouchRefusal(507, 'insufficient_storage', `The disk of ${directory} ${problem}.`);
    return { status: 200, body: '{"status":"ok"}' };
  };
  const listening = await listenOnLoopback((request, response) => {
    answer(request).then(
      ({ status, body }) => send(request, response, status, body),
      (error: unknown) => {
        isDamaged ||= isDamage(error);
        const { status, code, message } = refusalOf(error, directory);
        if (status >= 500)
          options.log?.warn({ err: error }, 'The embedded document store could not do what it was asked.');
        // Read away what was sent, or the client sees a reset instead of the answer.
        request.resume();
        send(request, response, status, JSON.stringify({ error: code, reason: message }));
      },
    );
  }, options.preferredPort);
  return {
    ...listening,
    know: documents.views.know,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      files.close();
    },
  };
}

function send(request: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
}

function refusalOf(error: unknown, directory: string): CouchRefusal {
  if (error instanceof CouchRefusal) return error;
  if (error instanceof z.ZodError) return new CouchRefusal(400, 'bad_request', 'The body is not what is expected.');
  if (isNoRoom(error))
    return new CouchRefusal(507, 'insufficient_storage', `The disk of ${directory} takes no writes.`);
  if (isDamage(error)) return new CouchRefusal(500, 'file_corruption', `A file in ${directory} is damaged.`);
  return new CouchRefusal(500, 'internal_server_error', 'The document store failed; its log has the cause.');
}

const digest = (text: string) => createHash('sha256').update(text).digest();
