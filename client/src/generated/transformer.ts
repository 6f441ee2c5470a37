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
 * The wire format between client and server: superjson's own, with vectors (Float32Array) as base64 of their
 * little-endian float32 under the name `float32`, a quarter of the size of decimal text; columns of a curve
 * (Float64Array) likewise under `float64`, NaN and infinities included. superjson takes ten times as long as JSON for
 * plain rows and refuses keys such as `constructor`, so rows of plain values, numbers, dates and vectors are written
 * here, in the same format; superjson writes the rest. The server reads its input by its contracts (`typed-input.ts`),
 * never by `deserialize`. `npm run generate` writes the client's copy of this file.
 */
export const transformer = {
  serialize(value: unknown): Wire {
    return writePlainly(value) ?? superjson.serialize(value);
  },
  deserialize<Value = unknown>(wire: Wire): Value {
    // The value was parsed for this call alone, so it may be changed.
    return superjson.deserialize(wire, { inPlace: true });
  },
};

/** Deeper than any contract takes: what goes on, such as a circle, is left to superjson. */
const maxDepth = 200;
/** superjson writes and reads nothing but JSON below these. */
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

type Json = Wire['json'];
/** Types by path, such as `items.0.createdAt`. */
type Types = Extract<NonNullable<Wire['meta']>['values'], Record<string, unknown>>;

/** Thrown, and caught again, where superjson has to write. */
const notPlain = new Error('superjson writes this');

/** superjson's output for what is made of JSON, numbers, dates, undefined and vectors; undefined for anything else. */
function writePlainly(value: unknown): Wire | undefined {
  if (typeof value !== 'object' || value === null) return;
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

function pathOf({ above, key }: NonNullable<Place>): string {
  const name = String(key).replace(/[\\.]/g, '\\$&');
  return above ? `${pathOf(above)}.${name}` : name;
}

const isPlain = (part: unknown): part is string | number | boolean | null =>
  typeof part === 'string' ||
  typeof part === 'boolean' ||
  part === null ||
  (typeof part === 'number' && Number.isFinite(part) && !Object.is(part, -0));

/**
 * The type name and JSON of a part that is not plain JSON; undefined for plain JSON and for parts that superjson
 * writes.
 */
function typeOf(part: unknown): [type: 'undefined' | 'number' | 'Date' | ['custom', string], json: Json] | undefined {
  if (part === undefined) return ['undefined', null];
  if (typeof part === 'number') return ['number', Object.is(part, -0) ? '-0' : String(part)];
  if (part instanceof Date && !Number.isNaN(part.getTime())) return ['Date', part.toISOString()];
  if (part instanceof Float32Array) return [['custom', 'float32'], encodeVector(part)];
  if (part instanceof Float64Array) return [['custom', 'float64'], encodeColumn(part)];
  return undefined;
}

/** The part as JSON: itself, where it is JSON already, or a copy with what is not; `types` is undefined where all must be. */
function written(part: unknown, place: Place, depth: number, types: Types | undefined): Json {
  if (isPlain(part)) return part;
  // JSON says 0.
  if (part === 0 && !types) return part;
  const typed = typeOf(part);
  if (typed) {
    if (!types || !place) throw notPlain;
    types[pathOf(place)] = [typed[0]];
    return typed[1];
  }
  if (typeof part !== 'object' || part === null || depth > maxDepth) throw notPlain;
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
    if (isPlain(inner)) continue;
    const json = written(inner, { above: place, key }, depth + 1, refusedKeys.has(key) ? undefined : types);
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
  // Reads the bytes in place; a DataView makes an object of each number.
  if (isLittleEndian) return new Float32Array(view.buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

function encodeColumn(column: Float64Array): string {
  const view = new DataView(new ArrayBuffer(column.length * 8));
  for (let at = 0; at < column.length; at += 1) view.setFloat64(at * 8, column[at] ?? 0, true);
  return toBase64(view);
}

/** The numbers of a Float64Array as it was written. Throws where the text is no base64, or not of whole numbers. */
export function decodeColumn(base64: string): Float64Array {
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
