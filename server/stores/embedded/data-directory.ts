import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import { z } from 'zod';
import { NexusError } from '../../errors.ts';
import { isNoRoom } from './checked-database.ts';
import { noRoom } from './disk.ts';
import { loadSqlite } from './sqlite.ts';

const Secret = z.string().regex(/^[0-9a-f]{64}$/);
const Secrets = z.object({ s3AccessKey: Secret, s3SecretKey: Secret, couchUser: Secret, couchPassword: Secret });

/** Credentials for the embedded servers: 256 random bits each, in hexadecimal. */
export type DataDirectorySecrets = z.infer<typeof Secrets>;

export type DataDirectory = AsyncDisposable & {
  /** Absolute. */
  path: string;
  secrets: DataDirectorySecrets;
  /** The text of a file of this directory, or undefined where there is none. */
  readText(name: string): Promise<string | undefined>;
  /** Puts a file in place whole or not at all, mode 0600. Throws `internal` for a name with a path in it. */
  writeSecret(name: string, text: string): Promise<void>;
};

const lockFile = 'lock.db';
const holderFile = 'lock.pid';
const secretsFile = 'secrets.json';

/**
 * Makes the directory (mode 0700) where it is missing, takes it away from others where they could read it, and locks it until
 * it is disposed of or the process ends.
 *
 * The lock is the operating system's, so that a killed process leaves none behind. The secrets are made at the first
 * opening. Throws `conflict` where another server, or this process, holds the directory, and `unavailable` where it
 * cannot be written or its secrets cannot be read.
 */
export async function openDataDirectory(path: string, log?: Pick<Logger, 'warn'>): Promise<DataDirectory> {
  const directory = resolve(path);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new NexusError('unavailable', `Data directory ${directory} cannot be made; name one that can be written.`, {
      details: { directory },
      cause: error,
    });
  }
  await closeToOthers(directory, log);
  const lock = await takeLock(directory);
  try {
    await replaceFile(directory, holderFile, `${process.pid}\n`);
    const secrets = await readOrMakeSecrets(directory);
    return {
      path: directory,
      secrets,
      readText: (name) => readText(join(directory, plainName(name))),
      writeSecret: (name, text) => replaceFile(directory, plainName(name), text),
      async [Symbol.asyncDispose]() {
        if (!lock.isOpen) return;
        await rm(join(directory, holderFile), { force: true });
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** The directory holds the credentials of every store. Windows has no such modes. */
async function closeToOthers(directory: string, log: Pick<Logger, 'warn'> | undefined): Promise<void> {
  const mode = (await stat(directory)).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  const facts = { directory, mode: mode.toString(8) };
  try {
    await chmod(directory, 0o700);
    log?.warn(facts, 'Others could read the data directory; it is its owner’s alone now.');
  } catch (err) {
    log?.warn({ ...facts, err }, 'Others can read the data directory, which cannot be changed; chmod it to 0700.');
  }
}

/**
 * SQLite is here for its file locks alone: Node has no other that holds on Linux, macOS and Windows. Nothing else may
 * open the file in this process, because on POSIX systems the closing of any descriptor of a file drops its locks.
 */
async function takeLock(directory: string): Promise<DatabaseSync> {
  const file = join(directory, lockFile);
  let lock: DatabaseSync | undefined;
  try {
    const { DatabaseSync } = loadSqlite();
    lock = new DatabaseSync(file);
    lock.exec(
      'PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE',
    );
    await chmod(file, 0o600);
    return lock;
  } catch (error) {
    lock?.close();
    if (!isBusy(error)) {
      throw new NexusError(
        'unavailable',
        `Data directory ${directory} cannot be locked; name one on a local disk that can be written.`,
        { details: { directory }, cause: error },
      );
    }
    const pid = (await readText(join(directory, holderFile)))?.trim();
    throw new NexusError(
      'conflict',
      `Data directory ${directory} is in use by process ${pid ?? 'unknown'}; stop that server, or give this one another data directory.`,
      { details: { directory, ...(pid && { pid: Number(pid) }) }, cause: error },
    );
  }
}

/** SQLITE_BUSY or SQLITE_LOCKED, extended codes included. */
function isBusy(error: unknown): boolean {
  const primary = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return primary === 5 || primary === 6;
}

async function readOrMakeSecrets(directory: string): Promise<DataDirectorySecrets> {
  const text = await readText(join(directory, secretsFile));
  if (text === undefined) {
    const random = () => randomBytes(32).toString('hex');
    const made = { s3AccessKey: random(), s3SecretKey: random(), couchUser: random(), couchPassword: random() };
    await replaceFile(directory, secretsFile, `${JSON.stringify(made, null, 2)}\n`);
    return made;
  }
  try {
    return Secrets.parse(JSON.parse(text));
  } catch {
    // No cause: a parser's message may quote a secret.
    throw new NexusError(
      'unavailable',
      `${join(directory, secretsFile)} cannot be understood; restore it from a backup, or remove it to have new secrets made.`,
      { details: { directory } },
    );
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replaceFile(directory: string, name: string, text: string): Promise<void> {
  const temporary = join(directory, `.${name}.${randomBytes(8).toString('hex')}`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (isNoRoom(error)) throw noRoom('directory', directory, 'cannot be written to', error);
    throw error;
  }
}

function plainName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name) && name !== lockFile && name !== holderFile) return name;
  throw new NexusError(
    'internal',
    `${JSON.stringify(name)} names no file of the data directory; use a plain file name.`,
  );
}
