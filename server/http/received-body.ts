import type { IncomingMessage, ServerResponse } from 'node:http';
import { NexusError } from '../errors.ts';

/** How slowly a body may arrive. */
export type Pace = {
  /** How long any body may take, and how long it may pause. */
  graceMs: number;
  /** The least bytes a second after that. */
  leastBytesPerSecond: number;
};

const lookMs = 1_000;
/** How long, and how much of, a body that nobody reads is dropped. */
const lingerMs = 2_000;
const mostDroppedBytes = 4 * 1024 * 1024;

/** The bytes that the request says it has; undefined where it says none, as a chunked one does. */
export function declaredBytes({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

/**
 * Reads a whole body. Throws `too_large` by the length that it declares before a byte is read, and by the bytes that came;
 * `timeout` for one that comes too slowly, and where its sender left.
 */
export async function receiveBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  maxBytes: number,
  pace: Pace,
): Promise<Buffer> {
  const declared = declaredBytes(incoming);
  if (declared === 0) return Buffer.alloc(0);
  if (declared !== undefined && declared > maxBytes) throw tooLarge(maxBytes);
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let received = 0;
    const startedAt = performance.now();
    const settle = (done: () => void) => {
      clearInterval(timer);
      incoming.off('data', onData).off('end', onEnd).off('close', onClose);
      done();
    };
    const timer = setInterval(() => {
      const lateMs = performance.now() - startedAt - pace.graceMs;
      if (lateMs > 0 && received < (lateMs / 1000) * pace.leastBytesPerSecond) settle(() => reject(tooSlow(received)));
    }, lookMs);
    const onData = (part: Buffer) => {
      received += part.length;
      if (received > maxBytes) settle(() => reject(tooLarge(maxBytes)));
      else parts.push(part);
    };
    const onEnd = () => settle(() => resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)));
    const onClose = () => settle(() => reject(tooSlow(received)));
    incoming
      .on('data', onData)
      .on('end', onEnd)
      .on('close', onClose)
      .on('error', () => undefined);
  });
}

/** Drops a body that nobody reads, and cuts its connection where it is long in coming: whoever sends it sees the answer first. */
export function leaveBody(incoming: IncomingMessage): void {
  if (incoming.complete || declaredBytes(incoming) === 0) return;
  let dropped = 0;
  const cut = () => incoming.socket.destroy();
  const timer = setTimeout(cut, lingerMs);
  incoming.on('data', (part: Buffer) => {
    dropped += part.length;
    if (dropped > mostDroppedBytes) cut();
  });
  incoming.once('close', () => clearTimeout(timer)).on('error', () => undefined);
}

const tooLarge = (maxBytes: number) =>
  new NexusError('too_large', `The body is larger than ${maxBytes} bytes; send less, or upload it as an object.`, {
    details: { maxBytes },
  });

const tooSlow = (received: number) =>
  new NexusError('timeout', `The body did not arrive in time: ${received} bytes of it came; send it again.`);
