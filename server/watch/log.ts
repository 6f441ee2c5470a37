import { randomUUID } from 'node:crypto';
import { type Logger, multistream, pino } from 'pino';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { NexusError } from '../errors.ts';

const flushMs = 60_000;
const batchBytes = 1024 * 1024;
/** Kept while the object store is away; beyond it the oldest batches are dropped, and counted. */
const maxKeptBytes = 16 * 1024 * 1024;

type Put = (bucket: string, key: string, bytes: Buffer, contentType: string) => Promise<void>;

export type ServerLog = AsyncDisposable & {
  log: Logger;
  /** From now on batches go to the logs bucket. */
  sendTo(put: Put): void;
};

/**
 * The server's log: JSON lines on the standard output, and in batches, one a minute or a mebibyte, in the logs bucket under
 * `logs/<day>/server/<instance>-<number>.log`. No line holds a secret or a payload: errors are logged without their queries
 * and parameters.
 */
export function openLog(level: Config['logLevel']): ServerLog {
  const instance = randomUUID();
  let lines: string[] = [];
  let bytes = 0;
  let number = 0;
  let dropped = 0;
  let put: Put | undefined;
  let flushing: Promise<void> | undefined;
  const waiting: { key: string; text: string }[] = [];

  const cut = () => {
    if (bytes === 0) return;
    number += 1;
    const day = new Date().toISOString().slice(0, 10);
    waiting.push({ key: `logs/${day}/server/${instance}-${number}.log`, text: lines.join('') });
    lines = [];
    bytes = 0;
    while (waiting.length > 1 && waiting.length * batchBytes > maxKeptBytes) {
      waiting.shift();
      dropped += 1;
    }
  };
  const send = async () => {
    for (let [batch] = waiting; batch && put; [batch] = waiting) {
      await put('topology-logs', batch.key, Buffer.from(batch.text), 'application/x-ndjson');
      if (waiting[0] === batch) waiting.shift();
    }
  };
  const flush = () => {
    cut();
    // A batch that fails goes with the next one.
    flushing ??= send()
      .catch(() => undefined)
      .finally(() => {
        flushing = undefined;
      });
    return flushing;
  };
  const batches = {
    write(line: string) {
      lines.push(line);
      bytes += line.length;
      if (bytes >= batchBytes) void flush();
    },
  };
  const log = pino(
    { level, serializers: { err: plainError } },
    multistream([
      { level: 'trace', stream: process.stdout },
      { level: 'trace', stream: batches },
    ]),
  );
  const timer = setInterval(() => {
    if (dropped > 0) log.warn({ dropped }, 'Batches of the log were given up while the object store was away.');
    dropped = 0;
    void flush();
  }, flushMs);
  timer.unref();
  return {
    log,
    sendTo(given) {
      put = given;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await flush();
    },
  };
}

const Coded = z.object({ code: z.union([z.string(), z.number()]) });
const maxCauses = 5;

/** An error as the log may hold it. Drizzle's message quotes the query's parameters, and drivers keep both beside theirs. */
export function plainError(error: unknown): unknown {
  const chain: Record<string, unknown>[] = [];
  for (let at = error; at instanceof Error && chain.length < maxCauses; at = at.cause) {
    const frames = (at.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    const code = Coded.safeParse(at).data?.code;
    chain.push({
      type: at.name,
      message: at.message.startsWith('Failed query') ? 'Failed query' : at.message.slice(0, 1_000),
      ...(code !== undefined && { code }),
      ...(at instanceof NexusError && { reason: at.reason }),
      stack: frames.slice(0, 12).join('\n'),
    });
  }
  const [first, ...causes] = chain;
  return first ? { ...first, ...(causes.length > 0 && { causes }) } : String(error).slice(0, 1_000);
}
