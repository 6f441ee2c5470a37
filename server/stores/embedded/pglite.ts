import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { NexusError } from '../../errors.ts';
import { crc32c } from './crc32c.ts';
import { damaged, fromCopy } from './damage.ts';
import { firstStartBytes, freeBytes, lacksRoom, noRoom, reserveBytes } from './disk.ts';
import { checkWal } from './wal-check.ts';

/** How often the disk is looked at. */
const lookMs = 500;

const Severe = z.object({ severity: z.enum(['PANIC', 'FATAL']) });
const Refused = z.object({ code: z.string(), message: z.string() });

/**
 * The embedded PostgreSQL in `directory`, made where there is none. While the disk has less than 20 MB free it takes no
 * writes, for it stops for good where its log cannot grow; where it stopped all the same, a new one takes its place as soon as
 * there is room, and recovers what was committed. Both say `insufficient_storage` meanwhile. `prepare` sets up each session.
 *
 * Throws `insufficient_storage` where there is too little room to begin, and `precondition_failed` where the files are damaged.
 */
export async function openPglite(
  directory: string,
  options: Pick<PGliteOptions, 'extensions' | 'startParams'>,
  prepare: (client: PGlite) => Promise<void>,
  log: Logger | undefined,
): Promise<{ client: PGlite; close(): Promise<void> }> {
  await refuseUnfit(directory);
  const open = async (): Promise<Guarded> => {
    const client = new Guarded({ dataDir: directory, ...options });
    await client.waitReady;
    await prepare(client);
    return client;
  };
  let current = await open().catch((error: unknown) => {
    throw damaged(directory, `cannot be started (${reasonOf(error)})`, fromCopy(directory), error);
  });
  let looking = Promise.resolve();
  const look = async () => {
    const isShort = (await freeBytes(directory)) < reserveBytes;
    if (!current.hasStopped) await current.takeWrites(!isShort);
    else if (!isShort) {
      current = await open();
      log?.info({ store: 'postgres' }, 'The embedded PostgreSQL, which had stopped, is back.');
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => {
      log?.warn({ err: error }, 'The embedded PostgreSQL cannot be looked after; it is tried again.');
    });
  }, lookMs).unref();
  const calls = new Map<PropertyKey, unknown>();
  // The target is no real instance, which the proxy would keep in memory after it stopped.
  const client = new Proxy(z.instanceof(PGlite).parse(Object.create(PGlite.prototype)), {
    get(_target, property) {
      const value: unknown = Reflect.get(current, property, current);
      if (typeof value !== 'function') return value;
      const known = calls.get(property);
      if (known) return known;
      const call = (...values: unknown[]): unknown =>
        Reflect.apply(
          z.custom<(...all: unknown[]) => unknown>().parse(Reflect.get(current, property)),
          current,
          values,
        );
      calls.set(property, call);
      return call;
    },
  });
  return {
    client,
    async close() {
      clearInterval(timer);
      await looking;
      if (!current.hasStopped) await current.close();
    },
  };
}

/** A PostgreSQL that is never asked again after it stopped: it would not answer, and hold up the whole process. */
class Guarded extends PGlite {
  hasStopped = false;
  #takesWrites = true;

  async takeWrites(takesWrites: boolean): Promise<void> {
    if (takesWrites === this.#takesWrites) return;
    await this.exec(`set default_transaction_read_only = ${takesWrites ? 'off' : 'on'}`);
    this.#takesWrites = takesWrites;
  }

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.hasStopped) throw this.#noRoom('took no write that PostgreSQL could not do without');
    return super.execProtocolRawSync(message);
  }

  override async execProtocolStream(...given: Parameters<PGlite['execProtocolStream']>) {
    return this.#watched(() => super.execProtocolStream(...given));
  }

  override async execProtocol(...given: Parameters<PGlite['execProtocol']>) {
    return this.#watched(() => super.execProtocol(...given));
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (Severe.safeParse(error).success) this.hasStopped = true;
      const { code, message = '' } = Refused.safeParse(error).data ?? {};
      // 25006: a write while it takes none. A file system that is read only is 42501, which a trigger raises in its own words too.
      if (code === '25006' || (code === '42501' && message.startsWith('could not '))) {
        throw this.#noRoom('takes no writes', error);
      }
      throw error;
    }
  }

  #noRoom(problem: string, cause?: unknown): NexusError {
    return noRoom('postgres', this.dataDir ?? '', problem, cause);
  }
}

async function refuseUnfit(directory: string): Promise<void> {
  const isThere = existsSync(join(directory, 'PG_VERSION'));
  if (!isThere && existsSync(directory) && readdirSync(directory).length > 0) {
    throw damaged(
      join(directory, 'PG_VERSION'),
      'is missing, though other files of PostgreSQL are there',
      fromCopy(directory),
    );
  }
  if (isThere) {
    refuseDamagedControl(join(directory, 'global', 'pg_control'), directory);
    checkWal(directory);
  }
  const parent = join(directory, '..');
  const problem = await lacksRoom(parent, isThere ? reserveBytes : firstStartBytes);
  if (problem) throw noRoom('postgres', parent, problem);
}

/** PostgreSQL ends without a word where this file is not whole. Its checksum stands behind its last field. */
function refuseDamagedControl(file: string, directory: string): void {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const isWhole = Array.from({ length: 64 }, (_, place) => 192 + place * 4).some(
    (at) => at + 4 <= bytes.length && crc32c(bytes.subarray(0, at)) === bytes.readUInt32LE(at),
  );
  if (!isWhole) throw damaged(file, 'is missing or damaged', fromCopy(directory));
}

/** The first line of it: of what PostgreSQL wrote, or of how its process ended. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
