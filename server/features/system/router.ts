import { embeddingDimensions } from '../../../drizzle/schema/index.ts';
import { procedure, publicProcedure, router } from '../../api/procedures.ts';
import { NoInput } from '../users/contract.ts';
import { checkHealth } from './check-health.ts';
import { Health, Info } from './contract.ts';

export const systemRouter = router({
  health: publicProcedure
    .meta({ rest: { method: 'GET', path: '/health' }, does: 'Asks each store by itself, and says how long it took.' })
    .input(NoInput)
    .output(Health)
    .query(({ ctx }) => checkHealth(ctx.stores)),
  info: procedure
    .meta({ rest: { method: 'GET', path: '/info' }, does: 'What this server is, and its limits.' })
    .input(NoInput)
    .output(Info)
    .query(({ ctx }) => ({
      ...ctx.server,
      limits: { embeddingDimensions, chunksPerCall: 2000, pointsPerCall: 10_000, documentsPerCall: 5000 },
    })),
});
