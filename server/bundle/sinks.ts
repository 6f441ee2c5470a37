import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { NexusError } from '../errors.ts';

/** The destination of a bundle's files, which are written one after the other. */
export type Sink = AsyncDisposable & {
  /** `sizeBytes` is what `source` has, where that is known before. */
  write(path: string, source: Readable, sizeBytes?: number): Promise<void>;
  /** Folder for data that is not yet a file of the bundle. */
  scratch: string;
  /** The bundle is whole. */
  finish(): Promise<void>;
};

/** A bundle has all that the installation knows, the hashes of passwords too: it is its owner's alone. */
export const privateDirectory = 0o700;
export const privateFile = 0o600;

export const isTar = (target: string) => target.endsWith('.tar');

/** A directory that is new or empty. Throws `conflict` otherwise. */
export async function openDirectorySink(directory: string): Promise<Sink> {
  await mkdir(directory, { recursive: true, mode: privateDirectory });
  if ((await readdir(directory)).length > 0) {
    throw new NexusError('conflict', `${directory} is not empty; name a new directory for the bundle.`);
  }
  // It may have been there, open to others.
  await chmod(directory, privateDirectory);
  const scratch = await mkdtemp(`${directory}.part-`);
  return {
    scratch,
    async write(path, source) {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true, mode: privateDirectory });
      await pipeline(source, createWriteStream(file, { mode: privateFile }));
    },
    finish: async () => undefined,
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  };
}

/** One tar, that has its name once it is whole. Throws `conflict` where there is a file of this name. */
export async function openTarSink(file: string): Promise<Sink> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new NexusError('conflict', `${file} is there already; name a new file for the bundle.`);
  const scratch = await mkdtemp(`${file}.part-`);
  const partial = join(scratch, 'bundle');
  const tar = pack();
  const output = createWriteStream(partial, { mode: privateFile });
  const written = pipeline(tar, output);
  // `write` and `finish` report its failure; until then nobody awaits it.
  written.catch(() => undefined);
  const put = async (path: string, source: Readable, sizeBytes: number) => {
    const entry = tar.entry({ name: path, size: sizeBytes, mode: privateFile });
    await Promise.race([pipeline(source, entry), written]);
  };
  return {
    scratch,
    async write(path, source, sizeBytes) {
      if (sizeBytes !== undefined) return put(path, source, sizeBytes);
      // The size stands before the bytes.
      const kept = join(scratch, 'entry');
      await pipeline(source, createWriteStream(kept, { mode: privateFile }));
      await put(path, createReadStream(kept), (await stat(kept)).size);
    },
    async finish() {
      tar.finalize();
      await written;
      await rename(partial, file);
    },
    async [Symbol.asyncDispose]() {
      tar.destroy();
      if (!output.closed) {
        const closed = once(output, 'close').catch(() => undefined);
        output.destroy();
        await closed;
      }
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
