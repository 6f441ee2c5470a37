import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from './crc32c.ts';
import { damaged, fromCopy } from './damage.ts';

const pageBytes = 8192;
const segmentBytes = 16 * 1024 * 1024;
const recordHeaderBytes = 24;
/** One record holds 32 pages at most, or a message of some size. */
const maxRecordBytes = 4 * 1024 * 1024;
/** How far behind a record that cannot be read others are looked for. */
const lookBytes = 1024 * 1024;
const shutDown = 1;
const lastResourceManager = 127;

/** Flags in a page's head: it continues a record of the page before; it is the first of its file. */
const [continues, longHead] = [1, 2];

/** A place in the log: bytes since its first. */
type Place = number;
type Bytes = { bytes: Buffer; next: Place };
type Found = { next: Place; isSwitch: boolean };

/**
 * Looks through the log of an embedded PostgreSQL that was not shut down. PostgreSQL takes a record that it cannot read for the
 * end of the log, and throws away all that stands behind it. Throws `precondition_failed` where a record stands behind one that
 * cannot be read, and changes nothing.
 *
 * Formats: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/access/xlog_internal.h, xlogrecord.h and
 * ../catalog/pg_control.h
 */
export function checkWal(directory: string): void {
  const control = readFileSync(join(directory, 'global', 'pg_control'));
  if (control.readInt32LE(16) === shutDown) return;
  const redo = Number(control.readBigUInt64LE(40));
  const log = openLog(directory, control.readUInt32LE(48), redo);
  const end = endOf(log, redo);
  for (let at = end + 8; at < end + lookBytes; at += 8) {
    // Ignores the head of the page: a record left in a reused file names an older one before it.
    if (at % pageBytes < log.headerBytes(at) || !log.record(at, { earliest: redo, isStrict: false })) continue;
    throw damaged(log.fileOf(end), 'is damaged: changes stand behind one that cannot be read', fromCopy(directory));
  }
}

/** The place of the first record that cannot be read. */
function endOf(log: Log, redo: Place): Place {
  let at = redo;
  for (;;) {
    if (at % pageBytes === 0 && log.isPage(at)) at += log.headerBytes(at);
    const record = log.record(at, { earliest: 0, isStrict: true });
    if (!record) return at;
    at = record.isSwitch ? (Math.floor(at / segmentBytes) + 1) * segmentBytes : record.next;
  }
}

type Log = ReturnType<typeof openLog>;

function openLog(directory: string, timeline: number, redo: Place) {
  const perFile = 0x1_0000_0000 / segmentBytes;
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');
  const fileOf = (at: Place) => {
    const segment = Math.floor(at / segmentBytes);
    return join(directory, 'pg_wal', `${hex(timeline)}${hex(Math.floor(segment / perFile))}${hex(segment % perFile)}`);
  };
  // The last one alone: the log is read from its one end to the other.
  let open: { file: string; bytes: Buffer } | undefined;
  const segmentOf = (at: Place): Buffer => {
    const file = fileOf(at);
    if (open?.file !== file) open = { file, bytes: existsSync(file) ? readFileSync(file) : Buffer.alloc(0) };
    return open.bytes;
  };
  const pageHead = (at: Place): Buffer => {
    const offset = pageOf(at) % segmentBytes;
    return segmentOf(at).subarray(offset, offset + 20);
  };
  const magic = pageHead(redo).length === 20 ? pageHead(redo).readUInt16LE(0) : 0;
  /** Whether a page is of this log, and was written for its place: a file that is used again has its old pages still. */
  const isPage = (at: Place): boolean => {
    const head = pageHead(at);
    const page = pageOf(at);
    if (head.length < 20 || head.readUInt16LE(0) !== magic || head.readUInt32LE(4) !== timeline) return false;
    const isFirst = (head.readUInt16LE(2) & longHead) !== 0;
    return isFirst === (page % segmentBytes === 0) && Number(head.readBigUInt64LE(8)) === page;
  };
  const headerBytes = (at: Place) => (pageOf(at) % segmentBytes === 0 ? 40 : 24);
  /** Bytes of a record, which goes on behind the head of the next page; undefined where the log ends before. */
  const bytesAt = (from: Place, length: number, total: number, isStrict: boolean): Bytes | undefined => {
    const pieces: Buffer[] = [];
    let at = from;
    for (let left = length; left > 0; ) {
      if (isStrict && !isPage(at)) return undefined;
      if (at % pageBytes === 0) {
        const head = pageHead(at);
        const done = length - left;
        // The head says how much of a record is still to come.
        if (isStrict && done > 0 && total > 0) {
          if ((head.readUInt16LE(2) & continues) === 0 || head.readUInt32LE(16) !== total - done) return undefined;
        }
        at += headerBytes(at);
      }
      const here = Math.min(left, pageBytes - (at % pageBytes));
      const offset = at % segmentBytes;
      const piece = segmentOf(at).subarray(offset, offset + here);
      if (piece.length < here) return undefined;
      pieces.push(piece);
      at += here;
      left -= here;
    }
    return { bytes: pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces), next: align(at) };
  };
  const record = (at: Place, { earliest, isStrict }: { earliest: Place; isStrict: boolean }): Found | undefined => {
    const length = bytesAt(at, 4, 0, isStrict)?.bytes.readUInt32LE(0) ?? 0;
    if (length < recordHeaderBytes || length > maxRecordBytes) return undefined;
    const head = bytesAt(at, recordHeaderBytes, 0, isStrict)?.bytes;
    const before = Number(head?.readBigUInt64LE(8) ?? 0n);
    if (!head || before < earliest || before >= at || head.readUInt8(17) > lastResourceManager) return undefined;
    const whole = bytesAt(at, length, length, isStrict);
    if (!whole) return undefined;
    const sum = crc32c(whole.bytes.subarray(recordHeaderBytes), head.subarray(0, 20));
    if (sum !== head.readUInt32LE(20)) return undefined;
    return { next: whole.next, isSwitch: head.readUInt8(17) === 0 && (head.readUInt8(16) & 0xf0) === 0x40 };
  };
  return { fileOf, isPage, headerBytes, record };
}

const pageOf = (at: Place): Place => Math.floor(at / pageBytes) * pageBytes;
const align = (at: Place): Place => Math.ceil(at / 8) * 8;
