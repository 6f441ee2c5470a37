import { embeddingDimensions } from '../../../drizzle/schema/index.ts';
import { mutation, query } from '../define.ts';
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

export const system = {
  health: query({
    role: 'anyone',
    rest: 'GET /health',
    does: 'Asks each store by itself, and says how long it took.',
    input: NoInput,
    output: Health,
    run: ({ ctx }) => lastHealth(ctx.stores),
  }),
  info: query({
    role: 'viewer',
    rest: 'GET /info',
    does: 'Reads facts about this server, and its limits.',
    input: NoInput,
    output: Info,
    run: ({ ctx }) => ({
      ...ctx.server,
      limits: { embeddingDimensions, chunksPerCall: 2000, pointsPerCall: 10_000, documentsPerCall: 5000 },
    }),
  }),
  outbox: query({
    role: 'admin',
    rest: 'GET /outbox',
    does: 'Lists what is decided and not yet done in the other stores, oldest first. Admins only.',
    input: OutboxInput,
    output: EffectPage,
    run: ({ ctx, input }) => listOutbox(ctx.stores, ctx.actor, input),
  }),
  retryParked: mutation({
    role: 'admin',
    rest: 'POST /outbox/retry',
    example: { ids: [1] },
    does: 'Has parked effects tried again. Admins only.',
    input: ParkedInput,
    output: ParkedResult,
    run: ({ ctx, input }) => retryParked(ctx.stores, ctx.actor, input),
  }),
  discardParked: mutation({
    role: 'admin',
    rest: 'POST /outbox/discard',
    example: { ids: [1] },
    does: 'Gives parked effects up for good. Admins only.',
    input: ParkedInput,
    output: ParkedResult,
    run: ({ ctx, input }) => discardParked(ctx.stores, ctx.actor, input),
  }),
  verify: query({
    role: 'admin',
    rest: 'GET /verify',
    does: 'Walks the three stores both ways and reports in what they disagree. Admins only; may take minutes.',
    input: NoInput,
    output: VerifyReport,
    run: ({ ctx }) => verifyFor(ctx.stores, ctx.actor),
  }),
  repair: mutation({
    role: 'admin',
    rest: 'POST /repair',
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
    does: 'Mends what can be mended safely. Admins only.',
    input: RepairInput,
    output: RepairResult,
    run: ({ ctx, input }) => repairFor(ctx.stores, ctx.actor, input),
  }),
};
