// A copy of the server's own, by `npm run generate`. Do not edit.
import { SuperJSON } from 'superjson';

/**
 * What travels between client and server: superjson's own format, and vectors (Float32Array) as base64 of their
 * little-endian float32 under the name `float32`, a quarter of the size that decimal text has. The client's copy of
 * this file is written by `npm run generate`.
 */
export const transformer = new SuperJSON();

transformer.registerCustom<Float32Array, string>(
  {
    isApplicable: (value): value is Float32Array => value instanceof Float32Array,
    serialize: encodeVector,
    deserialize: decodeVector,
  },
  'float32',
);

/** Base64 of the numbers as little-endian float32. */
export function encodeVector(vector: Float32Array): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < vector.length; at += 1) view.setFloat32(at * 4, vector[at] ?? 0, true);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** The numbers of `encodeVector`. Throws where the text is no base64, or not of whole numbers. */
export function decodeVector(base64: string): Float32Array {
  const text = atob(base64);
  if (text.length % 4 !== 0) throw new RangeError('The base64 text does not hold whole float32 numbers.');
  const view = new DataView(new ArrayBuffer(text.length));
  for (let at = 0; at < text.length; at += 1) view.setUint8(at, text.charCodeAt(at));
  const vector = new Float32Array(text.length / 4);
  for (let at = 0; at < vector.length; at += 1) vector[at] = view.getFloat32(at * 4, true);
  return vector;
}
