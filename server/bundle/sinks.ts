import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { NexusError } from '../errors.ts';

/** Where the files of a bundle go, one after the other. */
export type Sink = AsyncDisposable & {
  /** `sizeBytes` is what `source` has, where that is known before. */
  write(path: string, source: Readable, sizeBytes?: number): Promise<void>;
  /** Where what is not yet a file of the bundle may be kept. */
  scratch: string;
  /** The bundle is whole. */
  finish(): Promise<void>;
};

export const isTar = (target: string) => target.endsWith('.tar');

/** A directory that is new or empty. Throws `conflict` otherwise. */
export async function openDirectorySink(directory: string): Promise<Sink> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new NexusError('conflict', `${directory} is not empty; name a new directory for the bundle.`);
  }
  const scratch = await mkdtemp(`${directory}.part-`);
  return {
    scratch,
    async write(path, source) {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true });
      await pipeline(source, createWriteStream(file));
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
  const output = createWriteStream(partial);
  const written = pipeline(tar, output);
  // Whoever writes or finishes is told; until then nobody waits for it.
  written.catch(() => undefined);
  const put = async (path: string, source: Readable, sizeBytes: number) => {
    const entry = tar.entry({ name: path, size: sizeBytes });
    await Promise.race([pipeline(source, entry), written]);
  };
  return {
    scratch,
    async write(path, source, sizeBytes) {
      if (sizeBytes !== undefined) return put(path, source, sizeBytes);
      // The size stands before the bytes.
      const kept = join(scratch, 'entry');
      await pipeline(source, createWriteStream(kept));
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
