import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { NexusError } from '../../errors.ts';

const Secrets = z.object({ s3AccessKey: z.string(), s3SecretKey: z.string(), couchUser: z.string(), couchPassword: z.string() });

export type DataDirectory = Disposable & {
  path: string;
  /** Of the embedded stores: random, made at the first start. */
  secrets: z.infer<typeof Secrets>;
  /** A file's text, or undefined where there is none. */
  readText(name: string): string | undefined;
  /** Writes a file that only its owner may read, whole or not at all. */
  writeSecret(name: string, text: string): void;
};

/**
 * Opens the directory for this process alone, making it where it is missing. The lock is the operating system's, held
 * through SQLite, so that it ends with the process however that ends. Throws `conflict` where another process has it.
 */
export function openDataDirectory(directory: string): DataDirectory {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(path, 'lock.db'));
  try {
    lock.exec('pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive');
  } catch (cause) {
    lock.close();
    const holder = readFileIn(path, 'server.pid') ?? 'unknown';
    throw new NexusError(
      'conflict',
      `The data directory "${path}" is in use by the server with the process id ${holder}; stop it, or set NEXUS_DATA_DIR to another directory.`,
      { details: { path, holder }, cause },
    );
  }
  const writeSecret = (name: string, text: string) => writeWhole(path, name, text);
  writeSecret('server.pid', String(process.pid));
  let stored = readFileIn(path, 'secrets.json');
  if (stored === undefined) {
    const random = () => randomBytes(32).toString('hex');
    stored = JSON.stringify({ s3AccessKey: random().slice(0, 20), s3SecretKey: random(), couchUser: 'nexus', couchPassword: random() });
    writeSecret('secrets.json', stored);
  }
  return {
    path,
    secrets: Secrets.parse(JSON.parse(stored)),
    readText: (name) => readFileIn(path, name),
    writeSecret,
    [Symbol.dispose]: () => lock.close(),
  };
}

function readFileIn(path: string, name: string): string | undefined {
  const file = join(path, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function writeWhole(path: string, name: string, text: string): void {
  const temporary = join(path, `${name}.new`);
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, `${text}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(temporary, 0o600);
  renameSync(temporary, join(path, name));
}
