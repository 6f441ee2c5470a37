import { z } from 'zod';
import { Id, refTo, storableText } from '../contract.ts';

export const SearchType = z.enum(['chunk', 'context', 'topology', 'model']);
export type SearchType = z.infer<typeof SearchType>;

export const SearchAllInput = z
  .strictObject({
    text: storableText(500)
      .trim()
      .min(1)
      .describe(
        'English words, as in a web search: "a phrase", `or`, `-without`; names of topologies and models also by a part.',
      ),
    types: z.array(SearchType).min(1).max(4).optional().describe('All four where it is left out.'),
    topologyId: refTo('topology').optional().describe('Context of this topology only.'),
    limit: z.int().min(1).max(100).default(20).describe('At most so many items, 1 to 100.'),
  })
  .meta({ id: 'SearchAllInput' });
export type SearchAllInput = z.infer<typeof SearchAllInput>;

export const SearchHit = z
  .object({
    type: SearchType,
    id: z.union([Id, z.string()]).describe('Id of the thing: a number, or text for a context document.'),
    title: z.string().describe('Its name, the type of a context document, or the dataset of a chunk.'),
    highlight: z
      .string()
      .describe(
        'A passage, the words found between « and » where it has them. Plain text: escape it before showing it.',
      ),
    score: z.number().describe('1 / (60 + its place among its own type); greater is better.'),
    datasetId: Id.nullable().describe('The dataset of a chunk; null otherwise.'),
    topologyId: Id.nullable().describe('The topology of a context document; null otherwise.'),
  })
  .meta({ id: 'SearchHit', description: 'Something that a search over everything found.' });
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchHits = z
  .object({
    items: z.array(SearchHit),
    unavailable: z.array(SearchType).describe('Types whose store is away and that were left out.'),
    withoutMeaning: z
      .array(SearchType)
      .describe('Types found by their words alone, for the endpoint that makes embeddings is away.'),
  })
  .meta({ id: 'SearchHits' });
export type SearchHits = z.infer<typeof SearchHits>;
