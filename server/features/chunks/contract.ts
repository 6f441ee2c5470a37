import { z } from 'zod';
import { FreeJson, Id, jsonbObject, PageInput, pageOf, refTo, storableText } from '../contract.ts';
import { filterOf } from '../filter/contract.ts';

/** Length of the vectors of all-MiniLM-L6-v2 and its kin. */
const dimensions = 384;
export const maxChunksPerCall = 2000;
export const maxContentLength = 100_000;
/** PostgreSQL parses some five million a second; on the embedded store everybody waits for it. */
const maxCharactersPerCall = 8_000_000;
/** Recall is measured for at most this many neighbours. */
export const maxMeasuredNeighbours = 100;

/** PostgreSQL sums up squares as float32: beyond these the distance to anything is no number. */
const leastLength = 1e-15;
const greatestLength = 1e15;

/** A vector however it came, or the reason why it cannot be one. */
function toVector(given: unknown): Float32Array | string {
  let vector: Float32Array;
  if (given instanceof Float32Array) vector = given;
  else if (Array.isArray(given)) {
    if (!given.every((part) => typeof part === 'number')) return 'must hold numbers only';
    vector = Float32Array.from(given);
  } else if (typeof given === 'string') {
    const bytes = Buffer.from(given, 'base64');
    if (bytes.length % 4 !== 0 || !/^[A-Za-z0-9+/]+=*$/.test(given)) return 'must be base64 of little-endian float32';
    vector = Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
  } else return 'must be a list of numbers, a Float32Array, or base64 of little-endian float32';
  if (vector.length !== dimensions) return `has ${vector.length} numbers; ${dimensions} are expected`;
  // A loop: `every` and `reduce` make an object of each number.
  let squares = 0;
  for (let at = 0; at < vector.length; at += 1) squares += (vector[at] ?? 0) ** 2;
  // Squares of float32 do not overflow, so that the sum is not finite only where a number is not.
  if (!Number.isFinite(squares)) return 'holds a number that is not finite, or too large for a float32';
  if (squares === 0) return 'is all zero, which has no direction to compare';
  const length = Math.sqrt(squares);
  if (length < leastLength || length > greatestLength)
    return `has a length of ${length.toPrecision(3)}; give one of a length from ${leastLength} to ${greatestLength}, such as 1`;
  return vector;
}

/** A direction as Python would send it, for the reference. */
export const exampleVector = Buffer.from(
  Float32Array.from({ length: dimensions }, (_, at) => Math.sin(at)).buffer,
).toString('base64');

const vectorSchema = { type: 'array', items: { type: 'number' }, minItems: dimensions, maxItems: dimensions };

export const Embedding = z
  .custom<Float32Array | number[] | string>()
  .meta({ transformed: 'float32' })
  .transform((given, context): Float32Array => {
    const vector = toVector(given);
    if (typeof vector !== 'string') return vector;
    context.issues.push({ code: 'custom', message: vector, input: undefined });
    return z.NEVER;
  })
  .meta({
    typescript: 'Float32Array | number[] | string',
    openapi: { anyOf: [vectorSchema, { type: 'string', contentEncoding: 'base64' }] },
    description: '384 floats, compared by cosine distance: a Float32Array, a list, or base64 of little-endian float32.',
  });

export const ChunkMetadata = jsonbObject().describe('Any JSON object; searches may filter by it.');

export const Chunk = z
  .object({
    id: Id,
    datasetId: Id,
    content: z.string(),
    metadata: FreeJson,
    createdAt: z.date(),
    createdBy: Id.nullable().describe('The user who added it; null: the server.'),
  })
  .meta({
    id: 'Chunk',
    description: 'A piece of text. Its embedding is kept beside it, and given where it is asked for.',
  });
export type Chunk = z.infer<typeof Chunk>;

export const ChunkWithEmbedding = Chunk.extend({
  embedding: z
    .custom<Float32Array>((value) => value instanceof Float32Array)
    .meta({ typescript: 'Float32Array', openapi: vectorSchema, description: '384 floats.' }),
}).meta({ id: 'ChunkWithEmbedding', description: 'A piece of text with its embedding.' });
export type ChunkWithEmbedding = z.infer<typeof ChunkWithEmbedding>;

export const NewChunk = z
  .strictObject({
    content: storableText(maxContentLength).min(1).describe('The text, up to 100,000 characters.'),
    embedding: Embedding.optional().describe('May be left out where the server makes embeddings of its own.'),
    metadata: ChunkMetadata.default({}),
  })
  .meta({ id: 'NewChunk', description: 'A chunk that is to be added to a dataset that is named beside it.' });
export type NewChunk = z.infer<typeof NewChunk>;

export const AddChunkInput = NewChunk.extend({ datasetId: refTo('dataset') }).meta({ id: 'AddChunkInput' });
export type AddChunkInput = z.infer<typeof AddChunkInput>;

export const AddedChunk = Chunk.extend({
  isNew: z.boolean().describe('false: the dataset had this text already, which stays as it was.'),
}).meta({ id: 'AddedChunk' });
export type AddedChunk = z.infer<typeof AddedChunk>;

export const AddManyChunksInput = z
  .strictObject({
    datasetId: refTo('dataset'),
    chunks: z
      .array(NewChunk)
      .min(1)
      .max(maxChunksPerCall)
      .refine(
        (chunks) => chunks.reduce((sum, { content }) => sum + content.length, 0) <= maxCharactersPerCall,
        `must have at most ${maxCharactersPerCall} characters of text together; send them in several calls`,
      )
      .describe('1 to 2,000 chunks, 8,000,000 characters of text in all; all of them go in, or none.'),
  })
  .meta({ id: 'AddManyChunksInput' });
export type AddManyChunksInput = z.infer<typeof AddManyChunksInput>;

export const AddManyChunksResult = z
  .object({
    chunks: z
      .array(z.object({ id: Id, isNew: z.boolean().describe('false: the dataset had this text already.') }))
      .describe('One a chunk, in the order given.'),
    newCount: z.int(),
  })
  .meta({ id: 'AddManyChunksResult' });
export type AddManyChunksResult = z.infer<typeof AddManyChunksResult>;

export const ChunkInput = z
  .strictObject({ datasetId: refTo('dataset'), id: refTo('chunk') })
  .meta({ id: 'ChunkInput' });
export type ChunkInput = z.infer<typeof ChunkInput>;

export const ListChunksInput = PageInput.extend({ datasetId: refTo('dataset') }).meta({ id: 'ListChunksInput' });
export type ListChunksInput = z.infer<typeof ListChunksInput>;
export const ChunkPage = pageOf(Chunk).meta({ id: 'ChunkPage' });

const Scalar = z.union([storableText(1000), z.number(), z.boolean(), z.null()]);

/** A condition on one value of a chunk's metadata. */
export const MetadataCondition = z
  .strictObject({
    path: z
      .union([storableText(200).min(1), z.array(storableText(200).min(1)).min(1).max(10)])
      .describe('A key of the metadata, or the keys that lead to a nested value.'),
    equals: Scalar.optional(),
    in: z.array(Scalar).min(1).max(100).optional(),
    gt: z
      .union([z.number(), storableText(1000)])
      .optional()
      .describe('Greater: numbers by value, text by code points.'),
    gte: z.union([z.number(), storableText(1000)]).optional(),
    lt: z.union([z.number(), storableText(1000)]).optional(),
    lte: z.union([z.number(), storableText(1000)]).optional(),
    exists: z.boolean().optional().describe('Whether there is such a value; null is one.'),
  })
  .refine(
    ({ path: _, ...tests }) => Object.values(tests).some((test) => test !== undefined),
    'must have one of equals, in, gt, gte, lt, lte, exists',
  )
  .meta({ id: 'MetadataCondition', description: 'All that is given must hold for the value at `path`.' });
export type MetadataCondition = z.infer<typeof MetadataCondition>;

/** PostgreSQL has earlier ones and later ones, but does not read them as they are written. */
const StorableDate = z.date().min(new Date('0001-01-01T00:00:00Z')).max(new Date('9999-12-31T23:59:59.999Z'));

export const MetadataFilter = filterOf('MetadataFilter', MetadataCondition);
export type MetadataFilter = z.infer<typeof MetadataFilter>;

export const SearchChunksInput = z
  .strictObject({
    datasetIds: z.array(refTo('dataset')).min(1).max(100).optional().describe('Every dataset where it is left out.'),
    embedding: Embedding.optional().describe(
      'Nearest by cosine distance. With `text` too, the two rankings are fused.',
    ),
    text: storableText(1000)
      .min(1)
      .optional()
      .describe('English words, as in a web search: "a phrase", `or`, `-without`; or what is meant, by vector.'),
    by: z
      .enum(['vector', 'words', 'both'])
      .optional()
      .describe(
        'The ranking to use. Left out: words and vectors, as far as given, with a text’s embedding where the server can make one at the moment.',
      ),
    filter: MetadataFilter.optional(),
    createdAfter: StorableDate.optional(),
    createdBefore: StorableDate.optional(),
    k: z.int().min(1).max(1000).default(10).describe('So many of the nearest, 1 to 1,000.'),
    cursor: z
      .string()
      .max(500)
      .optional()
      .describe('`nextCursor` of the page before, of the same search; `k` may be another.'),
    efSearch: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Candidates that the index looks at, 1 to 1,000; more of them find more and take longer.'),
    recall: z
      .number()
      .min(0.5)
      .max(1)
      .optional()
      .describe(
        'Instead of efSearch: the share of the truth to be found, such as 0.99. It is chosen by what `datasets.recall` measured for as many neighbours or more (100 suffice), by rule of thumb where nothing was; 1 compares every chunk.',
      ),
  })
  .refine(({ embedding, text }) => embedding !== undefined || text !== undefined, {
    path: ['text'],
    message: 'give text, an embedding, or both',
  })
  .refine(({ efSearch, recall }) => efSearch === undefined || recall === undefined, {
    path: ['recall'],
    message: 'give either efSearch or recall',
  })
  .meta({ id: 'SearchChunksInput' });
export type SearchChunksInput = z.infer<typeof SearchChunksInput>;

export const ChunkHit = z
  .object({
    chunk: Chunk,
    score: z
      .number()
      .describe(
        'Greater is nearer: cosine similarity (-1 to 1), rank of the words (0 to 1), or, for both, 1 / (60 + place) summed.',
      ),
    similarity: z.number().nullable().describe('Cosine similarity, -1 to 1; null where only text was given.'),
    highlight: z
      .string()
      .nullable()
      .describe(
        'Passages with the words found between « and »; null where they are not in it. Of long texts the beginning is looked at. Plain text: escape it.',
      ),
  })
  .meta({ id: 'ChunkHit', description: 'A chunk that a search found.' });
export type ChunkHit = z.infer<typeof ChunkHit>;

export const ChunkHits = z
  .object({
    items: z.array(ChunkHit),
    nextCursor: z.string().nullable().describe('Give it as `cursor` for the next page; null on the last.'),
    by: z
      .enum(['vector', 'words', 'both'])
      .describe('The ranking used: `words` alone where the embeddings endpoint is away and the text has no embedding.'),
    complete: z
      .boolean()
      .describe(
        'false: a limit stopped the search, and nearer chunks may be missing; or, on the last page by both, the rankings went no deeper (4 k, from 200 to 1,000 of each) and more may match.',
      ),
    efSearch: z
      .int()
      .nullable()
      .describe('Candidates that the index looked at; null: every chunk was compared, or only words were asked for.'),
  })
  .meta({ id: 'ChunkHits' });
export type ChunkHits = z.infer<typeof ChunkHits>;
