import { embeddingDimensions } from '../../../drizzle/schema/index.ts';
import { procedure, publicProcedure, router } from '../../api/procedures.ts';
import { NoInput } from '../users/contract.ts';
import { lastHealth } from './check-health.ts';
import {
  EffectPage,
  Health,
  Info,
  OutboxInput,
  ParkedInput,
  ParkedResult,
  RepairInput,
  RepairResult,
  VerifyReport,
} from './contract.ts';
import { discardParked } from './discard-parked.ts';
import { listOutbox } from './list-outbox.ts';
import { repairFor } from './repair-stores.ts';
import { retryParked } from './retry-parked.ts';
import { verifyFor } from './verify-stores.ts';

export const systemRouter = router({
  health: publicProcedure
    .meta({ rest: { method: 'GET', path: '/health' }, does: 'Asks each store by itself, and says how long it took.' })
    .input(NoInput)
    .output(Health)
    .query(({ ctx }) => lastHealth(ctx.stores)),
  info: procedure
    .meta({ rest: { method: 'GET', path: '/info' }, does: 'What this server is, and its limits.' })
    .input(NoInput)
    .output(Info)
    .query(({ ctx }) => ({
      ...ctx.server,
      limits: { embeddingDimensions, chunksPerCall: 2000, pointsPerCall: 10_000, documentsPerCall: 5000 },
    })),
  outbox: procedure
    .meta({
      rest: { method: 'GET', path: '/outbox' },
      does: 'Lists what is decided and not yet done in the other stores, oldest first. Admins only.',
    })
    .input(OutboxInput)
    .output(EffectPage)
    .query(({ ctx, input }) => listOutbox(ctx.stores, ctx.actor, input)),
  retryParked: procedure
    .meta({
      rest: { example: { ids: [1] }, method: 'POST', path: '/outbox/retry' },
      does: 'Has parked effects tried again. Admins only.',
    })
    .input(ParkedInput)
    .output(ParkedResult)
    .mutation(({ ctx, input }) => retryParked(ctx.stores, ctx.actor, input)),
  discardParked: procedure
    .meta({
      rest: { example: { ids: [1] }, method: 'POST', path: '/outbox/discard' },
      does: 'Gives parked effects up for good. Admins only.',
    })
    .input(ParkedInput)
    .output(ParkedResult)
    .mutation(({ ctx, input }) => discardParked(ctx.stores, ctx.actor, input)),
  verify: procedure
    .meta({
      rest: { method: 'GET', path: '/verify' },
      does: 'Walks the three stores both ways and reports in what they disagree. Admins only; may take minutes.',
    })
    .input(NoInput)
    .output(VerifyReport)
    .query(({ ctx }) => verifyFor(ctx.stores, ctx.actor)),
  repair: procedure
    .meta({
      rest: {
        example: {
          findings: [
            {
              problem: 'document_not_indexed',
              place: 'topology_context',
              key: 'ctx_2024_001',
              workspace_id: 1,
              detail: 'Its index row is not there.',
              repair: 'index the document',
            },
          ],
        },
        method: 'POST',
        path: '/repair',
      },
      does: 'Mends what can be mended safely. Admins only.',
    })
    .input(RepairInput)
    .output(RepairResult)
    .mutation(({ ctx, input }) => repairFor(ctx.stores, ctx.actor, input)),
});
