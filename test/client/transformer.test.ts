import { expect, test } from 'vitest';
import { transformer } from '../../server/api/transformer.ts';

test('a vector travels as base64 float32 and comes back as it was, beside dates and plain values', () => {
  const sent = { embedding: new Float32Array([0.1, -2.5, Number.MAX_VALUE, 0]), at: new Date(0), text: 'x' };
  const wire = transformer.serialize(sent);
  expect(Object(wire.json).embedding).toBe('zczMPQAAIMAAAIB/AAAAAA==');
  expect(transformer.deserialize(JSON.parse(JSON.stringify(wire)))).toEqual(sent);
});

test('384 floats take a third of what their decimal text takes', () => {
  const vector = Float32Array.from({ length: 384 }, (_, at) => Math.sin(at) / 19.6);
  const text = JSON.stringify([...vector]);
  expect(JSON.stringify(transformer.serialize(vector)).length * 3).toBeLessThan(text.length);
});

test('text that is no base64 of whole float32 numbers is refused', () => {
  const wire = transformer.serialize(new Float32Array(2));
  expect(() => transformer.deserialize({ ...wire, json: 'AAA=' })).toThrow('whole float32');
});
