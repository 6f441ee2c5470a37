import { z } from 'zod';

/** JSON of the caller's own, stored and given back as it came; its names are never touched. */
export const FreeJson = z
  .record(z.string(), z.json())
  .meta({ id: 'FreeJson', description: 'Any JSON object, kept as given.' });
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

export const PageInput = z.object({
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
