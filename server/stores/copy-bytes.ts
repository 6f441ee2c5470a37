/** A value of COPY's binary format: text, jsonb (as its text), a pgvector, or the bytes of any other type. */
export type CopyValue = string | { jsonb: string } | Float32Array | Buffer;

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Signature, flags, and the length of an extension that is not there. */
const headBytes = signature.length + 8;

/**
 * Rows in PostgreSQL's binary COPY format (its manual, "COPY", file formats). jsonb is a version byte and its text; a
 * pgvector its count of numbers and a zero, 16 bits each, and float32 (`vector_recv`); all of it big-endian.
 */
export function toCopyBytes(rows: readonly (readonly CopyValue[])[]): Buffer<ArrayBuffer> {
  let size = headBytes + 2;
  for (const row of rows) {
    size += 2;
    for (const value of row) size += 4 + bytesOf(value);
  }
  const bytes = Buffer.alloc(size);
  signature.copy(bytes);
  let at = headBytes;
  for (const row of rows) {
    at = bytes.writeInt16BE(row.length, at);
    for (const value of row) at = write(bytes, value, bytes.writeInt32BE(bytesOf(value), at));
  }
  bytes.writeInt16BE(-1, at);
  return bytes;
}

function bytesOf(value: CopyValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Buffer.isBuffer(value)) return value.length;
  return value instanceof Float32Array ? 4 + value.length * 4 : 1 + Buffer.byteLength(value.jsonb);
}

function write(bytes: Buffer, value: CopyValue, from: number): number {
  if (typeof value === 'string') return from + bytes.write(value, from);
  if (Buffer.isBuffer(value)) return from + value.copy(bytes, from);
  if (!(value instanceof Float32Array)) return bytes.writeUInt8(1, from) + bytes.write(value.jsonb, from + 1);
  let at = bytes.writeInt16BE(0, bytes.writeInt16BE(value.length, from));
  for (const part of value) at = bytes.writeFloatBE(part, at);
  return at;
}
