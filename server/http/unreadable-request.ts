import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { NexusError } from '../errors.ts';
import { problemOf } from './problem.ts';
import { newRequestId } from './request-id.ts';

/**
 * Answers what node:http can make no request of, as everything else is refused, and ends its connection. `standing`: the
 * headers that every answer has.
 */
export function refusesUnreadable(standing: Headers) {
  return (error: NodeJS.ErrnoException, socket: Duplex): void => {
    // Into an answer that is on its way nothing else may be written.
    const isAnswering = Reflect.get(socket, '_httpMessage') != null;
    if (!socket.writable || isAnswering || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const [status, refusal] = refusalOf(error);
    const { body, contentType, headers } = problemOf(refusal, newRequestId(), status);
    const lines = Object.entries({
      ...Object.fromEntries(standing),
      ...headers,
      'content-type': contentType,
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  };
}

function refusalOf({ code, message }: NodeJS.ErrnoException): [status: number, refusal: NexusError] {
  if (code === 'HPE_HEADER_OVERFLOW')
    return [431, new NexusError('too_large', 'The URL and the headers have more than 16 KB; give less in them.')];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return [408, new NexusError('timeout', 'The request did not arrive whole in time; send it again.')];
  return [400, new NexusError('invalid_input', `This is no request of HTTP/1.1 (${message}).`)];
}
