import { expect, test } from 'vitest';
import { z } from 'zod';
import { renamed } from '../../server/procedure/wire-names.ts';

const Upload = z.union([
  z.object({ method: z.literal('put'), putUrl: z.string() }),
  z.object({ method: z.literal('parts'), partSizeBytes: z.int(), parts: z.array(z.object({ partNumber: z.int() })) }),
]);
const Answer = z.object({ upload: Upload.nullable(), freeJson: z.record(z.string(), z.json()) });
const own = { upload: { method: 'parts', partSizeBytes: 16, parts: [{ partNumber: 1 }] }, freeJson: { keepMe: 1 } };
const wire = {
  upload: { method: 'parts', part_size_bytes: 16, parts: [{ part_number: 1 }] },
  free_json: { keepMe: 1 },
};

test('of several shapes the one that fits is renamed, both ways, and free JSON is not touched', () => {
  expect(renamed(Answer, own, 'output')).toEqual(wire);
  expect(renamed(Answer, wire, 'input')).toEqual(own);
});

test('what fits none stays as it is, for its contract to refuse', () => {
  const odd = { upload: { method: 'neither', some_name: 1 }, free_json: {} };
  expect(renamed(Answer, odd, 'input')).toEqual({ upload: odd.upload, freeJson: {} });
});
