import { z } from 'zod';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const maxDepth = 100;

/** Why a value cannot be stored and returned unchanged, or undefined. Bounded by `maxBytes`. PostgreSQL holds no NUL. */
export function storageProblem(value: unknown, maxBytes: number, holdsNul = true): string | undefined {
  const tooLarge = `must be at most ${maxBytes} bytes of JSON; put large things into a stored object`;
  // Most are so small that their length tells it; what may not be is counted.
  const problem = problemInside(value, maxBytes, holdsNul, tooLarge, (text) => text.length * 3);
  return problem === tooLarge ? problemInside(value, maxBytes, holdsNul, tooLarge, Buffer.byteLength) : problem;
}

function problemInside(
  value: unknown,
  maxBytes: number,
  holdsNul: boolean,
  tooLarge: string,
  bytesOf: (text: string) => number,
): string | undefined {
  let bytes = 0;
  const problemOf = (part: unknown, depth: number): string | undefined => {
    // Every part counts, so that a list which holds one thing many times over ends as well.
    bytes += typeof part === 'string' ? bytesOf(part) + 3 : typeof part === 'number' ? 3 : 2;
    if (bytes > maxBytes) return tooLarge;
    if (typeof part === 'string') {
      if (!mayBeOdd.test(part)) return undefined;
      if (!part.isWellFormed()) return 'must not hold half a surrogate pair';
      return !holdsNul && part.includes('\0') ? 'must not hold NUL' : undefined;
    }
    if (typeof part === 'number') {
      return Number.isFinite(part) ? undefined : 'must not hold NaN or an infinite number';
    }
    if (part === null || typeof part === 'boolean') return undefined;
    if (depth > maxDepth) return `must not be nested deeper than ${maxDepth} levels`;
    if (Array.isArray(part)) {
      if (bytes + part.length * 2 > maxBytes) return tooLarge;
      // By index: a hole is not JSON.
      for (let index = 0; index < part.length; index += 1) {
        const problem = problemOf(part[index], depth + 1);
        if (problem) return problem;
      }
      return undefined;
    }
    if (!isPlainObject(part)) return notJson;
    const fields: Readonly<Record<string, unknown>> = Object(part);
    for (const key of Object.keys(fields)) {
      if (key === '__proto__') return 'must not have a key "__proto__"; rename it';
      if (mayBeOdd.test(key)) {
        if (!holdsNul && key.includes('\0')) return 'must not have a key with NUL';
        if (!key.isWellFormed()) return 'must not have a key with half a surrogate pair';
      }
      bytes += bytesOf(key) + 4;
      const problem = problemOf(fields[key], depth + 1);
      if (problem) return problem;
    }
    return undefined;
  };
  return problemOf(value, 1);
}

const mayBeOdd = /[\0\ud800-\udfff]/;
const notJson = 'must be JSON: text, numbers, booleans, null, lists and objects';

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Checked before zod copies it: zod would drop a key "__proto__" without a word, and fall over a deep nesting. */
const storable = <Type>(
  problemOf: (value: unknown) => string | undefined,
  typescript: string,
  openapi: Readonly<Record<string, unknown>>,
) =>
  z
    .custom<Type>()
    .check(({ value, issues }) => {
      const message = problemOf(value);
      if (message) issues.push({ code: 'custom', message, input: undefined });
    })
    .meta({ typescript, openapi });

const objectProblem = (value: unknown) => (isPlainObject(value) ? undefined : 'must be a JSON object');

export const storableJson = (maxBytes: number, holdsNul = true) =>
  storable<Json>((value) => storageProblem(value, maxBytes, holdsNul), 'JsonValue', {});

export const storableObject = (maxBytes: number, holdsNul = true) =>
  storable<{ [key: string]: Json }>(
    (value) => objectProblem(value) ?? storageProblem(value, maxBytes, holdsNul),
    'FreeJson',
    { type: 'object' },
  );

/** An object for a jsonb column, which holds no NUL. */
export const jsonbObject = (maxBytes = 16 * 1024 * 1024) =>
  storableObject(maxBytes, false).describe('Any JSON object, kept as given.');

/** One object or a list of 1 to `maxItems`, each of at most `maxBytesEach`. */
export const storableObjects = (maxBytesEach: number, maxItems: number) =>
  storable<{ [key: string]: Json } | { [key: string]: Json }[]>(
    (value) => {
      const items: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (items.length < 1 || items.length > maxItems) return `must be a list of 1 to ${maxItems} objects`;
      if (!items.every(isPlainObject)) return 'must be a JSON object or a list of them';
      for (const item of items) {
        const problem = storageProblem(item, maxBytesEach);
        if (problem) return problem;
      }
      return undefined;
    },
    '{ [key: string]: JsonValue } | Array<{ [key: string]: JsonValue }>',
    { anyOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' }, minItems: 1, maxItems }] },
  );

/** JSON of the caller's own as it is stored, answered as it came; its names are never touched. It was checked on its way in. */
export const FreeJson = z.custom<{ [key: string]: Json }>(isPlainObject).meta({
  id: 'FreeJson',
  description: 'Any JSON object, kept as given.',
  typescript: '{ [key: string]: JsonValue }',
  openapi: { type: 'object' },
});
export type FreeJson = z.infer<typeof FreeJson>;

/** Any JSON value, with the checks of FreeJson. */
export const FreeValue = z.custom<Json>().meta({ typescript: 'JsonValue', openapi: {} });

export const Id = z.int().positive();

/** An id as callers may write it: `123`, `"123"` or, for a topology, `"topology-123"`. */
export const refTo = (noun: string) =>
  z
    .union([
      Id,
      z
        .string()
        .regex(new RegExp(`^(?:${noun}-)?[1-9][0-9]{0,15}$`), `must be an id such as 123, "123" or "${noun}-123"`),
    ])
    .transform((value) => (typeof value === 'number' ? value : Number(value.replace(/^\D+/, ''))))
    // Beyond it two texts would be one number.
    .refine(Number.isSafeInteger, `must be an id of at most ${Number.MAX_SAFE_INTEGER}`)
    .describe(`${/^[aeio]/.test(noun) ? 'An' : 'A'} ${noun}'s id: 123, "123" or "${noun}-123".`);

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed();
const unstorable = 'must not hold NUL or half a surrogate pair';

/** Text without characters that PostgreSQL or CouchDB cannot hold. */
export const storableText = (maxLength: number) => z.string().max(maxLength).refine(isStorable, unstorable);

/** The same without the spaces around it, of which something has to be left. */
export const trimmedText = (maxLength: number) =>
  z.string().trim().min(1).max(maxLength).refine(isStorable, unstorable);

export const Name = trimmedText(200);

export const PageInput = z.strictObject({
  limit: z.int().min(1).max(200).default(50).describe('At most so many items, 1 to 200.'),
  cursor: z.string().max(500).optional().describe('`nextCursor` of the page before.'),
});

/** A page, newest first. `nextCursor` is null on the last one. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Give it as `cursor` for the next page; null on the last.'),
  });

/** For a change of a document: the revision that the caller saw. */
export const ExpectedRev = z
  .string()
  .regex(/^[1-9][0-9]{0,9}-[0-9a-f]{1,64}$/, 'must be a `rev` as it was answered')
  .optional()
  .describe('The `rev` that you saw: a change in between is then a conflict. Left out, the last writer wins.');

/** A version of a document; `Item` is null where it was deleted. */
export const versionOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    rev: z.string().nullable().describe('null: it was deleted.'),
    at: z.date().describe('When it became so.'),
    by: Id.nullable().describe('The user who made it so; null: another program.'),
    item: item.nullable().describe('null: it was deleted.'),
  });

/** Fields of every stored row. */
export const audited = {
  createdAt: z.date(),
  updatedAt: z.date(),
  createdBy: Id.nullable().describe('The user who made it; null: the server.'),
};

export const Done = z
  .object({ id: z.union([Id, z.string()]) })
  .meta({ id: 'Done', description: 'The thing that was changed.' });

/** Option of every delete: preview only. */
export const dryRun = z.boolean().default(false).describe('true: tells what would go, and deletes nothing.');

export const Deletion = z
  .object({
    id: z.union([Id, z.string()]),
    dryRun: z.boolean().describe('true: nothing was deleted.'),
    rows: z.array(z.object({ table: z.string(), rowCount: z.int() })).describe('Rows that go, by table.'),
    objectCount: z.int().describe('Objects that go from the object store, right after the rows.'),
    objectBytes: z.int().describe('Their bytes; those that something else shares stay.'),
    documentCount: z
      .int()
      .nullable()
      .describe(
        'Notes, annotations and experiments that go, with their metrics and histories, which are not counted; null where there are none to look for, and where it was no dry run.',
      ),
  })
  .meta({ id: 'Deletion', description: 'Everything that a deletion takes with it.' });
export type Deletion = z.infer<typeof Deletion>;

/** Any JSON that goes into a stored object. */
export const AnyJson = storableJson(64 * 1024 * 1024);
