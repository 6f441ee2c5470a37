import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { NexusError } from '../../errors.ts';

/**
 * Kept free for what must not fail half-way: PostgreSQL takes its log in files of 16 MiB, and stops for good where it cannot
 * have the next one.
 */
export const reserveBytes = 20 * 1024 * 1024;
/** A first start writes 45 MB, and the reserve must be left. */
export const firstStartBytes = 72 * 1024 * 1024;
/** Files that a server has open at once: its own, its callers' connections and those of three stores. */
const minOpenFiles = 256;

const Limits = z.object({
  userLimits: z.object({ open_files: z.object({ soft: z.union([z.number(), z.string()]) }) }),
});

/** Throws `precondition_failed` where the system lets this process open too few files for its embedded stores. */
export function refuseFewOpenFiles(): void {
  // Node has raised it as far as it may. Windows has no such limit, and no such report.
  const limits = Limits.safeParse(process.report.getReport());
  const limit = limits.success ? Number(limits.data.userLimits.open_files.soft) : Number.NaN;
  if (!(limit < minOpenFiles)) return;
  throw new NexusError(
    'precondition_failed',
    `This process may open ${limit} files; the embedded stores need ${minOpenFiles}. Raise the limit (ulimit -n ${minOpenFiles}), or name stores at addresses.`,
  );
}

const probeFile = '.room';

/** Why a directory takes no writes now, as a sentence's middle; undefined where it does. */
export async function lacksRoom(directory: string, neededBytes = reserveBytes): Promise<string | undefined> {
  try {
    const free = await freeBytes(directory);
    if (free < neededBytes) return `has ${inMegabytes(free)} MB free; ${inMegabytes(neededBytes)} MB are needed`;
    // A directory that was mounted anew to be read only, a quota and the limit of open files show when it is written to.
    await writeFile(join(directory, probeFile), Buffer.alloc(4096), { mode: 0o600 });
    await rm(join(directory, probeFile), { force: true });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return `cannot be written to (${code})`;
  }
}

/** The same for bytes that are to come, of which the reserve is left. */
export async function lacksRoomFor(directory: string, comingBytes: number): Promise<string | undefined> {
  const free = await freeBytes(directory);
  const needed = comingBytes + reserveBytes;
  return free < needed ? `has ${inMegabytes(free)} MB free; ${inMegabytes(needed)} MB are needed` : undefined;
}

export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

export function noRoom(store: string, directory: string, problem: string, cause?: unknown): NexusError {
  return new NexusError(
    'insufficient_storage',
    `The disk of ${directory} ${problem}. Free space there, or give the server another data directory.`,
    { details: { store }, cause },
  );
}

const inMegabytes = (bytes: number) => Math.floor(bytes / 1024 / 1024);
