import { z } from 'zod';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const maxDepth = 100;

/** What of a value cannot be stored and given back as it came, or undefined. Bounded by `maxBytes`. PostgreSQL holds no NUL. */
export function storageProblem(value: unknown, maxBytes: number, holdsNul = true): string | undefined {
  const open: { part: unknown; depth: number }[] = [{ part: value, depth: 1 }];
  let bytes = 0;
  for (let at = open.pop(); at; at = open.pop()) {
    const { part, depth } = at;
    // Every part counts, so that a list which holds one thing many times over ends as well.
    bytes += typeof part === 'string' ? Buffer.byteLength(part) + 3 : typeof part === 'number' ? 3 : 2;
    if (bytes > maxBytes) return `must be at most ${maxBytes} bytes of JSON; put large things into a stored object`;
    if (typeof part === 'string' && !part.isWellFormed()) return 'must not hold half a surrogate pair';
    if (!holdsNul && typeof part === 'string' && part.includes('\0')) return 'must not hold NUL';
    if (typeof part === 'number' && !Number.isFinite(part)) return 'must not hold NaN or an infinite number';
    if (part === null || ['string', 'number', 'boolean'].includes(typeof part)) continue;
    if (depth > maxDepth) return `must not be nested deeper than ${maxDepth} levels`;
    if (Array.isArray(part)) {
      if (bytes + part.length * 2 > maxBytes) return `must be at most ${maxBytes} bytes of JSON`;
      for (let index = 0; index < part.length; index += 1) open.push({ part: part[index], depth: depth + 1 });
    } else if (isPlainObject(part)) {
      for (const [key, inner] of Object.entries(part)) {
        if (key === '__proto__') return 'must not have a key "__proto__"; rename it';
        if (!holdsNul && key.includes('\0')) return 'must not have a key with NUL';
        if (!key.isWellFormed()) return 'must not have a key with half a surrogate pair';
        bytes += Buffer.byteLength(key) + 4;
        open.push({ part: inner, depth: depth + 1 });
      }
    } else return 'must be JSON: text, numbers, booleans, null, lists and objects';
  }
  return undefined;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Checked before zod copies it: zod would drop a key "__proto__" without a word, and fall over a deep nesting. */
const storable = <Type>(maxBytes: number, typescript: string, shapeProblem: (value: unknown) => string | undefined) =>
  z
    .custom<Type>()
    .superRefine((value, context) => {
      const message = shapeProblem(value) ?? storageProblem(value, maxBytes);
      if (message) context.addIssue({ code: 'custom', message });
    })
    .meta({ typescript });

const objectProblem = (value: unknown) => (isPlainObject(value) ? undefined : 'must be a JSON object');

export const storableJson = (maxBytes: number) => storable<Json>(maxBytes, 'JsonValue', () => undefined);

export const storableObject = (maxBytes: number) =>
  storable<{ [key: string]: Json }>(maxBytes, '{ [key: string]: JsonValue }', objectProblem);

/** One object or a list of 1 to `maxItems`, each of at most `maxBytesEach`. */
export const storableObjects = (maxBytesEach: number, maxItems: number) =>
  storable<{ [key: string]: Json } | { [key: string]: Json }[]>(
    maxBytesEach * maxItems,
    '{ [key: string]: JsonValue } | Array<{ [key: string]: JsonValue }>',
    (value) => {
      const items: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (items.length < 1 || items.length > maxItems) return `must be a list of 1 to ${maxItems} objects`;
      if (!items.every(isPlainObject)) return 'must be a JSON object or a list of them';
      return items.map((item) => storageProblem(item, maxBytesEach)).find((problem) => problem !== undefined);
    },
  );

const maxFreeBytes = 16 * 1024 * 1024;

/** JSON of the caller's own, stored and given back as it came; its names are never touched. */
export const FreeJson = storable<{ [key: string]: Json }>(
  maxFreeBytes,
  '{ [key: string]: JsonValue }',
  (value) => objectProblem(value) ?? storageProblem(value, maxFreeBytes, false),
).meta({
  id: 'FreeJson',
  description: 'Any JSON object, kept as given.',
  typescript: '{ [key: string]: JsonValue }',
});
export type FreeJson = z.infer<typeof FreeJson>;

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
    .describe(`A ${noun}'s id: 123, "123" or "${noun}-123".`);

export const Name = z.string().trim().min(1).max(200);

/** Text without characters that PostgreSQL or CouchDB cannot hold. */
export const storableText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must not hold NUL or half a surrogate pair');

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

/** What every stored row tells about itself. */
export const audited = {
  createdAt: z.date(),
  updatedAt: z.date(),
  createdBy: Id.nullable().describe('The user who made it; null: the server.'),
};

export const Done = z.object({ id: z.union([Id, z.string()]) }).meta({ id: 'Done', description: 'What was changed.' });

/** Beside what names the thing to delete. */
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
  .meta({ id: 'Deletion', description: 'What a deletion takes with it.' });
export type Deletion = z.infer<typeof Deletion>;

/** Any JSON that goes into a stored object. */
export const AnyJson = storableJson(64 * 1024 * 1024);
