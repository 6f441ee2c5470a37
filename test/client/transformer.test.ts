import { SuperJSON } from 'superjson';
import { describe, expect, test } from 'vitest';
import { decodeVector, encodeVector, transformer } from '../../server/procedure/transformer.ts';

const roundTrip = (value: unknown) => transformer.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value))));

test('a vector travels as base64 float32 and comes back as it was, beside dates and plain values', () => {
  const sent = { embedding: new Float32Array([0.1, -2.5, Number.MAX_VALUE, 0]), at: new Date(0), text: 'x' };
  expect(Object(transformer.serialize(sent).json).embedding).toBe('zczMPQAAIMAAAIB/AAAAAA==');
  expect(roundTrip(sent)).toEqual(sent);
});

test('384 floats take a third of what their decimal text takes', () => {
  const vector = Float32Array.from({ length: 384 }, (_, at) => Math.sin(at) / 19.6);
  const text = JSON.stringify([...vector]);
  expect(encodeVector(vector).length * 3).toBeLessThan(text.length);
});

test('text that is no base64 of whole float32 numbers is refused', () => {
  expect(() => decodeVector('AAA=')).toThrow('whole float32');
});

/** Any superjson client, which knows nothing of ours but the name of vectors. */
const stranger = new SuperJSON();
stranger.registerCustom<Float32Array, string>(
  {
    isApplicable: (v): v is Float32Array => v instanceof Float32Array,
    serialize: encodeVector,
    deserialize: decodeVector,
  },
  'float32',
);

const shared = { x: 1 };
const circle: Record<string, unknown> = { name: 'circle' };
circle.self = circle;
const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => ({ inner }), new Date(1));

describe('whatever value is sent, superjson reads it, and we read superjson', () => {
  test.each<[string, unknown]>([
    ['rows', { items: [{ id: 1, createdAt: new Date(5), config: { a: [1, null] } }], nextCursor: null }],
    ['undefined in objects and lists', { a: undefined, list: [undefined, 1, { b: undefined }] }],
    ['a date alone', new Date(7)],
    ['a date that is none', { at: new Date(Number.NaN) }],
    ['a vector alone', new Float32Array([1, 2])],
    ['numbers that JSON has not', { nan: Number.NaN, most: Number.POSITIVE_INFINITY, negativeZero: -0 }],
    ['bigint, map and set', { big: 10n, map: new Map([['k', new Date(3)]]), set: new Set([1]) }],
    ['keys with dots and backslashes', { 'a.b': new Date(1), 'c\\d': { 'e.f': undefined }, '': new Date(2) }],
    ['one object twice', { one: shared, two: shared }],
    ['a circle', circle],
    ['a nesting of 200', deep],
    ['an object without prototype', Object.assign(Object.create(null), { at: new Date(4) })],
    ['text', 'text'],
    ['nothing', undefined],
  ])('%s', (_, value) => {
    const read = stranger.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value))));
    expect(read).toEqual(stranger.deserialize(JSON.parse(JSON.stringify(stranger.serialize(value)))));
    expect(transformer.deserialize(JSON.parse(JSON.stringify(stranger.serialize(value))))).toEqual(read);
  });
});
