import { z } from 'zod';

export const StoreHealth = z
  .object({
    status: z.enum(['healthy', 'unhealthy']),
    latencyMs: z.number().describe('How long the store took to answer, or to fail; milliseconds.'),
    error: z.string().nullable(),
  })
  .meta({ id: 'StoreHealth' });
export type StoreHealth = z.infer<typeof StoreHealth>;

export const Health = z
  .object({
    status: z.enum(['healthy', 'unhealthy']).describe('unhealthy where any store is.'),
    stores: z.object({ postgres: StoreHealth, objects: StoreHealth, documents: StoreHealth }),
    outbox: z.object({
      waiting: z.int().nullable().describe('Effects not yet applied; null where Postgres does not answer.'),
      parked: z.int().nullable().describe('Effects that failed too often and wait for a person.'),
    }),
  })
  .meta({ id: 'Health', description: 'Each store by itself.' });
export type Health = z.infer<typeof Health>;

export const Info = z
  .object({
    version: z.string(),
    startedAt: z.date(),
    embedded: z.object({ postgres: z.boolean(), objects: z.boolean(), documents: z.boolean() }),
    limits: z.object({
      embeddingDimensions: z.int(),
      chunksPerCall: z.int(),
      pointsPerCall: z.int(),
      documentsPerCall: z.int(),
    }),
  })
  .meta({ id: 'Info', description: 'What this server is.' });
export type Info = z.infer<typeof Info>;
