// A copy of the server's own, by `npm run generate`. Do not edit.
import { SuperJSON } from 'superjson';

const superjson = new SuperJSON();

superjson.registerCustom<Float32Array, string>(
  {
    isApplicable: (value): value is Float32Array => value instanceof Float32Array,
    serialize: encodeVector,
    deserialize: decodeVector,
  },
  'float32',
);

superjson.registerCustom<Float64Array, string>(
  {
    isApplicable: (value): value is Float64Array => value instanceof Float64Array,
    serialize: encodeColumn,
    deserialize: decodeColumn,
  },
  'float64',
);

type Wire = ReturnType<SuperJSON['serialize']>;

/**
 * What travels between client and server: superjson's own format, and vectors (Float32Array) as base64 of their
 * little-endian float32 under the name `float32`, a quarter of the size that decimal text has; columns of a curve
 * (Float64Array) likewise under `float64`, NaN and infinities included. superjson takes ten times as long as JSON for plain rows, so that rows of plain values, dates and vectors are written here, in the same format;
 * superjson itself writes the rest. The client's copy of this file is written by `npm run generate`.
 */
export const transformer = {
  serialize(value: unknown): Wire {
    return writePlainly(value) ?? superjson.serialize(value);
  },
  deserialize<Value = unknown>(wire: Wire): Value {
    // What arrives was parsed for this call alone, so that it may be changed.
    return superjson.deserialize(wire, { inPlace: true });
  },
};

const maxDepth = 50;
/** Keys that superjson escapes or refuses are left to it. */
const oddKey = /[.\\]|^(?:|__proto__|constructor|prototype)$/;
/** A few hundred names come again and again. */
const plainKeys = new Set<string>();
const mostPlainKeys = 1_000;

function isPlainKey(key: string): boolean {
  if (plainKeys.has(key)) return true;
  if (oddKey.test(key)) return false;
  if (plainKeys.size < mostPlainKeys) plainKeys.add(key);
  return true;
}

type Json = Wire['json'];
/** What stands at which path, `items.0.createdAt`. */
type Types = Extract<NonNullable<Wire['meta']>['values'], Record<string, unknown>>;

/** Thrown, and caught again, where superjson has to write. */
const notPlain = new Error('superjson writes this');

/** superjson's output for what is made of JSON, dates, undefined and vectors; undefined for anything else. */
function writePlainly(value: unknown): Wire | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Float32Array) return;
  const types: Types = {};
  try {
    const json = written(value, undefined, 0, types);
    for (const _ in types) return { json, meta: { values: types, v: 1 } };
    return { json };
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

/** Where a part stands; undefined for the whole. A path is spelt out only where something other than JSON stands. */
type Place = { above: Place; key: string | number } | undefined;

function pathOf(place: Place): string {
  if (!place) return '';
  return place.above ? `${pathOf(place.above)}.${place.key}` : String(place.key);
}

const isPlain = (part: unknown): part is string | number | boolean | null =>
  typeof part === 'string' ||
  typeof part === 'boolean' ||
  part === null ||
  (typeof part === 'number' && Number.isFinite(part) && !Object.is(part, -0));

/** The part as JSON: itself, where it is JSON already, or a copy with what is not written down. */
function written(part: unknown, place: Place, depth: number, types: Types): Json {
  if (isPlain(part)) return part;
  if (part === undefined) {
    types[pathOf(place)] = ['undefined'];
    return null;
  }
  if (typeof part !== 'object' || depth > maxDepth) throw notPlain;
  if (part instanceof Date) {
    if (Number.isNaN(part.getTime())) throw notPlain;
    types[pathOf(place)] = ['Date'];
    return part.toISOString();
  }
  if (part instanceof Float32Array) {
    types[pathOf(place)] = [['custom', 'float32']];
    return encodeVector(part);
  }
  if (part instanceof Float64Array) {
    types[pathOf(place)] = [['custom', 'float64']];
    return encodeColumn(part);
  }
  if (Array.isArray(part)) {
    let list: unknown[] | undefined;
    for (let key = 0; key < part.length; key += 1) {
      const inner: unknown = part[key];
      if (isPlain(inner)) continue;
      const json = written(inner, { above: place, key }, depth + 1, types);
      if (json === inner) continue;
      list ??= part.slice();
      list[key] = json;
    }
    return Object(list ?? part);
  }
  const prototype: unknown = Object.getPrototypeOf(part);
  if (prototype !== Object.prototype && prototype !== null) throw notPlain;
  const fields: Readonly<Record<string, unknown>> = Object(part);
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(fields)) {
    const inner = fields[key];
    if (!isPlainKey(key)) throw notPlain;
    if (isPlain(inner)) continue;
    const json = written(inner, { above: place, key }, depth + 1, types);
    if (json === inner) continue;
    copy ??= { ...fields };
    copy[key] = json;
  }
  return Object(copy ?? fields);
}

/** Base64 of the numbers as little-endian float32. */
export function encodeVector(vector: Float32Array): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (let at = 0; at < vector.length; at += 1) view.setFloat32(at * 4, vector[at] ?? 0, true);
  return toBase64(view);
}

/** The numbers of `encodeVector`. Throws where the text is no base64, or not of whole numbers. */
export function decodeVector(base64: string): Float32Array {
  const view = fromBase64(base64, 4);
  // As they lie there; a DataView makes an object of each.
  if (isLittleEndian) return new Float32Array(view.buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

function encodeColumn(column: Float64Array): string {
  const view = new DataView(new ArrayBuffer(column.length * 8));
  for (let at = 0; at < column.length; at += 1) view.setFloat64(at * 8, column[at] ?? 0, true);
  return toBase64(view);
}

function decodeColumn(base64: string): Float64Array {
  const view = fromBase64(base64, 8);
  const column = new Float64Array(view.byteLength / 8);
  for (let at = 0; at < column.length; at += 1) column[at] = view.getFloat64(at * 8, true);
  return column;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function toBase64({ buffer }: DataView<ArrayBuffer>): string {
  const bytes = new Uint8Array(buffer);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function fromBase64(base64: string, bytesEach: number): DataView<ArrayBuffer> {
  const text = atob(base64);
  if (text.length % bytesEach !== 0)
    throw new RangeError(`The base64 text does not hold whole float${bytesEach * 8} numbers.`);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return new DataView(bytes.buffer);
}
