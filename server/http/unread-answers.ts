import type { ServerResponse } from 'node:http';
import { NexusError } from '../errors.ts';
import type { Holder } from './admission.ts';

const mebibyte = 1024 * 1024;
const lookMs = 250;
/** How long an answer may wait to be read, and the least bytes a second after that. */
const graceMs = 10_000;
const leastBytesPerSecond = 64 * 1024;
/** The most that unread answers of one credential hold, and the most while those of all hold more than `mostOfAll`. */
const mostOfOne = 64 * mebibyte;
const mostOfAll = 256 * mebibyte;
const mostOfOneThen = 4 * mebibyte;

type Answer = {
  holder: Holder;
  outgoing: ServerResponse;
  /** Bytes that have waited since a moment, and how far the connection will have come when they are read. */
  waiting?: { sinceMs: number; bytes: number; readTo: number } | undefined;
};

export type UnreadAnswers = Disposable & {
  /** Watches an answer until its connection is done with it. */
  watch(outgoing: ServerResponse, holder: Holder): void;
  /** Throws `too_many_requests` where too many bytes wait for this caller already. */
  requireRoom(holder: Holder): void;
};

/**
 * Bounds the memory that waits for callers who do not read: an answer that is read too slowly is cut off, and whoever leaves
 * too many bytes waiting is answered nothing more until they are read.
 */
export function openUnreadAnswers(): UnreadAnswers {
  const answers = new Set<Answer>();
  let waitingOf = new Map<string, number>();
  let waitingOfAll = 0;
  const look = () => {
    const nowMs = performance.now();
    const bytesOf = new Map<string, number>();
    waitingOfAll = 0;
    for (const answer of answers) {
      const { outgoing, holder } = answer;
      const bytes = outgoing.writableLength;
      const read = (outgoing.socket?.bytesWritten ?? 0) - (outgoing.socket?.writableLength ?? 0);
      if (bytes === 0) answer.waiting = undefined;
      else if (!answer.waiting || read >= answer.waiting.readTo)
        answer.waiting = { sinceMs: nowMs, bytes, readTo: read + bytes };
      if (!answer.waiting) continue;
      bytesOf.set(holder.credential, (bytesOf.get(holder.credential) ?? 0) + bytes);
      waitingOfAll += bytes;
      const mostMs = graceMs + (answer.waiting.bytes / leastBytesPerSecond) * 1000;
      if (nowMs - answer.waiting.sinceMs > mostMs) outgoing.destroy();
    }
    waitingOf = bytesOf;
  };
  const timer = setInterval(look, lookMs);
  return {
    watch(outgoing, holder) {
      const answer: Answer = { holder, outgoing };
      answers.add(answer);
      outgoing.once('close', () => answers.delete(answer));
    },
    requireRoom({ credential }) {
      const bytes = waitingOf.get(credential) ?? 0;
      if (bytes <= (waitingOfAll > mostOfAll ? mostOfOneThen : mostOfOne)) return;
      throw new NexusError(
        'too_many_requests',
        `Answers of ${bytes} bytes wait to be read; read them before you ask for more.`,
        { details: { retryAfterSeconds: 1 } },
      );
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
