import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { NexusError } from '../errors.ts';
import { damaged, placeOf } from './files.ts';
import { privateDirectory, privateFile } from './sinks.ts';

/** Unpacks a tar beside itself, for a bundle is read in another order than it was written; disposing removes it again. */
export async function unpackBundle(file: string): Promise<AsyncDisposable & { directory: string }> {
  const directory = await mkdtemp(`${file}.unpacked-`);
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const entries = extract();
    // An early end throws where it is read.
    const reading = pipeline(createReadStream(file), entries).catch(() => undefined);
    for await (const entry of entries) {
      if (entry.header.type !== 'file') throw damaged(`${entry.header.name} is no file`);
      const place = placeOf(directory, entry.header.name);
      await mkdir(dirname(place), { recursive: true, mode: privateDirectory });
      await pipeline(entry, createWriteStream(place, { mode: privateFile }));
    }
    await reading;
  } catch (error) {
    await remove();
    if (error instanceof NexusError) throw error;
    throw damaged(`${file} is no whole tar`);
  }
  return { directory, [Symbol.asyncDispose]: remove };
}
