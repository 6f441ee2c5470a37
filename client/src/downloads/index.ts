import { platform } from '#platform';
import type { StoredObject } from '../generated/api.ts';
import { newHashOf } from '../object-hash.ts';
import type { Api } from '../uploads/upload-file.ts';
import {
  type DownloadOptions,
  findReferred,
  type ObjectReference,
  OtherBytesError,
  type RangeOptions,
  readObject,
} from './read-object.ts';

export type { DownloadOptions, ObjectReference, RangeOptions } from './read-object.ts';

/** Bytes straight from the object store, compared with their SHA-256, or with that of their parts' where nobody computed the whole. */
export type Downloads = {
  /** The whole object, or a range of it, in memory. Throws TransferError where the bytes are not those that were stored. */
  bytes(reference: ObjectReference, options?: RangeOptions): Promise<Uint8Array>;
  /**
   * The same as a stream, with `concurrency` parts of 8 MiB in memory; a connection that breaks off goes on where it was.
   * The stream ends with an error, before its last piece, where the bytes are not those that were stored.
   */
  stream(reference: ObjectReference, options?: RangeOptions): ReadableStream<Uint8Array>;
  /**
   * Writes an object to a file (Node): to `<path>.part`, which gets its name once its hash is right. The same call after
   * an abort or the death of the process goes on where it was.
   */
  file(reference: ObjectReference, path: string | URL, options?: DownloadOptions): Promise<StoredObject>;
};

export const downloadsOf = (api: Api): Downloads => ({
  async bytes(reference, options = {}) {
    const object = await findReferred(api, reference, options.signal);
    const pieces: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const piece of readObject(api, object, options)) {
      pieces.push(piece);
      sizeBytes += piece.byteLength;
    }
    const whole = new Uint8Array(sizeBytes);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    return whole;
  },
  stream(reference, options = {}) {
    let pieces: AsyncGenerator<Uint8Array> | undefined;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        pieces ??= readObject(api, await findReferred(api, reference, options.signal), options);
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces?.return(undefined);
      },
    });
  },
  async file(reference, path, options = {}) {
    const object = await findReferred(api, reference, options.signal);
    const file = await platform.createFile(path);
    try {
      let sizeBytes = await file.sizeBytes();
      if (sizeBytes > object.sizeBytes) {
        await file.truncate();
        sizeBytes = 0;
      }
      const hash = await newHashOf(object);
      for await (const piece of file.bytes().pieces(0, sizeBytes)) hash.update(piece);
      for await (const piece of readObject(api, object, options, { hash, sizeBytes })) await file.write(piece);
      await file.finish();
      return object;
    } catch (error) {
      // Wrong bytes are not resumed.
      if (error instanceof OtherBytesError) await file.truncate();
      await file.close();
      throw error;
    }
  },
});
