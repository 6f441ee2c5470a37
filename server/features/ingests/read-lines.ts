import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const newline = 10;
/** A space, a tab or an end of a line, of whichever kind. */
const isBlank = (byte: number | undefined) => byte === newline || byte === 32 || byte === 13 || byte === 9;
/** A vector as JSON has some 8 KB, a text at most 400 KB. */
export const maxLineBytes = 1024 * 1024;

/** A line of a file from 1, its end left out; `bytes` is undefined where it is longer than 1 MiB. Of blank lines in a row the last. */
export type Line = { number: number; bytes: Buffer | undefined };

/** The lines of a file in flat memory, however long it or a line is; a gzip file is read as what is in it. */
export async function* linesOf(pieces: AsyncGenerator<Buffer, void, unknown>): AsyncGenerator<Line, void, unknown> {
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const end = (): Line => {
    number += 1;
    const bytes = length > maxLineBytes ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return { number, bytes };
  };
  for await (const piece of plain(pieces)) {
    let from = 0;
    const nextEnd = () => {
      // One by one, the blank lines of a few KB of gzip would take minutes. The last one is handed over.
      let end = -1;
      for (let at = from; length === 0 && isBlank(piece[at]); at += 1) {
        if (piece[at] !== newline) continue;
        if (end >= 0) {
          number += 1;
          from = end + 1;
        }
        end = at;
      }
      return end >= 0 ? end : piece.indexOf(newline, from);
    };
    for (let at = nextEnd(); at >= 0; at = nextEnd()) {
      length += at - from;
      if (length <= maxLineBytes) parts.push(piece.subarray(from, at));
      yield end();
      from = at + 1;
    }
    length += piece.length - from;
    if (length <= maxLineBytes) parts.push(piece.subarray(from));
    else parts = [];
  }
  if (length > 0) yield end();
}

async function* plain(pieces: AsyncGenerator<Buffer, void, unknown>): AsyncGenerator<Buffer, void, unknown> {
  const { value: first } = await pieces.next();
  if (!first) return;
  const all = (async function* () {
    yield first;
    yield* pieces;
  })();
  if (first[0] !== 0x1f || first[1] !== 0x8b) return yield* all;
  // A failure of the source reaches the reader through the stream that it feeds.
  const source = Readable.from(all, { objectMode: false, highWaterMark: 64 * 1024 });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const piece of source.pipe(gunzip)) yield Buffer.from(piece);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
