import { z } from 'zod';
import {
  ExpectedRev,
  FreeJson,
  FreeValue,
  Id,
  PageInput,
  pageOf,
  refTo,
  storableJson,
  storableObject,
  storableText,
  versionOf,
} from '../contract.ts';

export const maxDataBytes = 1024 * 1024;
export const maxMetadataBytes = 64 * 1024;

/** A document's id, as the server makes it or as another program may have. */
export const DocumentId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$/, 'must be an id such as "ctx_2024_001"')
  .describe('A document’s id, such as "ctx_2024_001".');

/** The place where a subscription goes on. */
export const LastEventId = z
  .string()
  .regex(/^[0-9]{1,15}$/, 'must be the id of an event as it was sent')
  .optional()
  .describe('The id of the last event that was seen.');

const ContextType = storableText(100).min(1).describe('Such as `training_note`.');

export const ContextDocument = z
  .object({
    id: z.string(),
    rev: z.string().describe('CouchDB’s revision.'),
    type: z.string(),
    data: FreeValue.describe('Text or any JSON, as given.'),
    topologyId: Id.nullable(),
    metadata: FreeJson.describe('priority, author, tags …, as given.'),
    timestamp: z.date(),
    createdBy: Id.nullable().describe('The user who wrote it; null: another program.'),
  })
  .meta({ id: 'ContextDocument', description: 'A note, a measurement or any other engineering context.' });
export type ContextDocument = z.infer<typeof ContextDocument>;

export const AddContextInput = z
  .strictObject({
    type: ContextType,
    data: storableJson(maxDataBytes).describe('Text or any JSON, up to 1 MB and 100 levels.'),
    topologyId: refTo('topology').nullish().describe('The topology that it is about: 123, "123" or "topology-123".'),
    metadata: storableObject(maxMetadataBytes)
      .default({})
      .describe('priority, author, tags … up to 64 KB; `author` and `tags` are searched too.'),
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be 1 to 100 letters, digits, "_" or "-"')
      .optional()
      .describe('An id of your own makes it safe to send the same document again.'),
  })
  .meta({ id: 'AddContextInput' });
export type AddContextInput = z.infer<typeof AddContextInput>;

export const AddManyContextInput = z
  .strictObject({
    documents: z
      // Each is parsed by itself, so that a bad one is refused alone.
      .array(z.custom<z.input<typeof AddContextInput>>().meta({ checkedLater: AddContextInput }))
      .min(1)
      .max(5000)
      .describe('1 to 5,000 documents as `add` takes them; a bad one is refused alone.'),
  })
  .meta({ id: 'AddManyContextInput' });
export type AddManyContextInput = z.infer<typeof AddManyContextInput>;

export const AddedContext = z
  .object({
    status: z
      .enum(['added', 'exists', 'refused'])
      .describe('exists: the same document was there already under this id.'),
    id: z.string().nullable().describe('null: refused, and it named no id.'),
    reason: z.string().optional().describe('Why it was refused.'),
  })
  .meta({ id: 'AddedContext', description: 'The result for one document.' });
export type AddedContext = z.infer<typeof AddedContext>;

export const AddManyContextResult = z
  .object({ results: z.array(AddedContext).describe('One a document, in the order given.') })
  .meta({ id: 'AddManyContextResult' });
export type AddManyContextResult = z.infer<typeof AddManyContextResult>;

export const ContextInput = z.strictObject({ id: DocumentId }).meta({ id: 'ContextInput' });

export const UpdateContextInput = z
  .strictObject({
    id: DocumentId,
    expectedRev: ExpectedRev,
    type: ContextType.optional(),
    data: storableJson(maxDataBytes).optional().describe('Text or any JSON, up to 1 MB and 100 levels.'),
    topologyId: refTo('topology').nullish().describe('null: it is about none.'),
    metadata: storableObject(maxMetadataBytes).optional().describe('Replaces the whole metadata.'),
  })
  .meta({ id: 'UpdateContextInput', description: 'Fields left out stay unchanged.' });
export type UpdateContextInput = z.infer<typeof UpdateContextInput>;

export const DocumentHistoryInput = PageInput.extend({ id: DocumentId }).meta({ id: 'DocumentHistoryInput' });
export type DocumentHistoryInput = z.infer<typeof DocumentHistoryInput>;

export const ContextVersion = versionOf(ContextDocument).meta({
  id: 'ContextVersion',
  description: 'A version of a context document.',
});
export const ContextVersionPage = pageOf(ContextVersion).meta({ id: 'ContextVersionPage' });

export const ListContextInput = PageInput.extend({
  topologyId: refTo('topology').optional(),
  type: ContextType.optional(),
}).meta({ id: 'ListContextInput' });
export type ListContextInput = z.infer<typeof ListContextInput>;

export const ContextPage = pageOf(ContextDocument).meta({ id: 'ContextPage' });

export const SearchContextInput = z
  .strictObject({
    text: storableText(500)
      .min(1)
      .describe('English words, all of which must occur; "a phrase", `or` and `-without` as in a web search.'),
    by: z
      .enum(['words', 'meaning', 'both'])
      .optional()
      .describe(
        'How documents are found and ranked; by meaning where the server makes embeddings. Left out: by both there, else by words.',
      ),
    topologyId: refTo('topology').optional(),
    type: ContextType.optional(),
    tags: z
      .array(storableText(100).min(1))
      .min(1)
      .max(20)
      .optional()
      .describe('Tags in the metadata: all of them must be there.'),
    author: storableText(200).min(1).optional().describe('The author in the metadata.'),
    priority: storableText(100).min(1).optional().describe('The priority in the metadata.'),
    from: z.date().optional().describe('Not older than this.'),
    to: z.date().optional().describe('Older than this.'),
    limit: z.int().min(1).max(100).default(10).describe('At most so many items, 1 to 100.'),
    cursor: z.string().max(9_000).optional().describe('`nextCursor` of the page before.'),
  })
  .meta({ id: 'SearchContextInput' });
export type SearchContextInput = z.infer<typeof SearchContextInput>;

export const ContextHit = z
  .object({
    document: ContextDocument,
    score: z.number().describe('0 to 1; greater is nearer. By both, the rankings fused by reciprocal ranks.'),
    highlight: z
      .string()
      .describe(
        'Up to two passages with the words found between « and »; the beginning where none is; of long texts the beginning is looked at. Plain text: escape it before showing it.',
      ),
  })
  .meta({ id: 'ContextHit', description: 'A document that a search found.' });
export type ContextHit = z.infer<typeof ContextHit>;

export const ContextHitPage = pageOf(ContextHit)
  .extend({
    by: z
      .enum(['words', 'meaning', 'both'])
      .describe('The ranking used: `words` alone where the embeddings endpoint is away.'),
  })
  .meta({ id: 'ContextHitPage' });
export type ContextHitPage = z.infer<typeof ContextHitPage>;

export const LiveContextInput = z
  .strictObject({
    topologyId: refTo('topology').optional().describe('Left out: all of the workspace.'),
    lastEventId: LastEventId,
  })
  .meta({ id: 'LiveContextInput' });
export type LiveContextInput = z.infer<typeof LiveContextInput>;

export const ContextNews = z
  .object({ id: z.string(), document: ContextDocument.nullable().describe('null: it was deleted.') })
  .meta({ id: 'ContextNews', description: 'A context document that was added, changed or deleted.' });
export type ContextNews = z.infer<typeof ContextNews>;
