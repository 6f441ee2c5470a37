/** Written as bytes that sort as CouchDB sorts: null, booleans, numbers, texts, lists, objects; texts by their UTF-8. */
export function sortableKey(value: unknown): Buffer {
  const pieces: Buffer[] = [];
  write(value, pieces);
  return Buffer.concat(pieces);
}

/** Each kind has a byte of its own; 0 ends a list or an object, so that a shorter one comes first. */
const kinds = { null: 1, false: 2, true: 3, number: 4, text: 5, list: 6, object: 7 } as const;
const byte = (value: number) => Buffer.of(value);
const end = byte(0);
const textEnd = Buffer.of(0, 1);

function write(value: unknown, pieces: Buffer[]): void {
  if (value === null || value === undefined) pieces.push(byte(kinds.null));
  else if (typeof value === 'boolean') pieces.push(byte(value ? kinds.true : kinds.false));
  else if (typeof value === 'number') pieces.push(byte(kinds.number), sortableNumber(value));
  else if (typeof value === 'string') writeText(value, pieces);
  else if (Array.isArray(value)) {
    pieces.push(byte(kinds.list));
    for (const item of value) write(item, pieces);
    pieces.push(end);
  } else if (typeof value === 'object') {
    pieces.push(byte(kinds.object));
    for (const [name, item] of Object.entries(value)) {
      writeText(name, pieces);
      write(item, pieces);
    }
    pieces.push(end);
  }
}

/** A NUL inside is followed by 255, so that no text ends where another goes on. */
function writeText(text: string, pieces: Buffer[]): void {
  pieces.push(byte(kinds.text));
  for (const [place, piece] of text.split('\0').entries()) {
    if (place > 0) pieces.push(Buffer.of(0, 255));
    pieces.push(Buffer.from(piece, 'utf8'));
  }
  pieces.push(textEnd);
}

/** The bits of a double, turned so that they sort as bytes: IEEE 754 sorts the negative ones the other way round. */
function sortableNumber(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  const isNegative = (bytes[0] ?? 0) >= 128;
  return bytes.map((one, place) => (isNegative ? 255 - one : place === 0 ? one + 128 : one)) as Buffer;
}
