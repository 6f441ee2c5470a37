import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { NexusError } from '../errors.ts';
import { mayCall } from './access.ts';
import type { Context } from './context.ts';
import { reasonTable, toNexusError } from './error-mapping.ts';

/** How a procedure is reached without tRPC, and what the reference says of it. */
export type ProcedureMeta = {
  rest: {
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
    /** Below `/api`, with `{snake_case}` parameters: `/topologies/{id}`. */
    path: string;
    /** Other paths of the same procedure: `/experiments/by_topology/{topology_id}`. */
    alsoPaths?: readonly string[];
    /** Names that the guide gives a field instead of its own in snake_case: `{ text: 'q' }`. */
    names?: Readonly<Record<string, string>>;
    /** 201 where something was made. */
    status?: 200 | 201;
  };
  /** One sentence for the reference and for the client's docstring. */
  does: string;
};

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    transformer: superjson,
    errorFormatter({ shape, error, ctx }) {
      const nexus = toNexusError(error);
      const row = reasonTable[nexus.reason];
      return {
        message: nexus.message,
        code: shape.code,
        data: {
          code: row.code,
          httpStatus: row.status,
          path: shape.data.path,
          reason: nexus.reason,
          details: nexus.details,
          requestId: ctx?.requestId,
        },
      };
    },
  });

export const { router } = t;

const reported = t.middleware(async ({ ctx, path, type, next }) => {
  const startedAt = performance.now();
  const result = await next();
  const ms = Math.round(performance.now() - startedAt);
  const facts = { requestId: ctx.requestId, procedure: path, type, userId: ctx.actor?.userId, ms };
  if (result.ok) {
    ctx.stores.log.debug(facts, 'called');
    return result;
  }
  const error = toNexusError(result.error);
  if (error.reason === 'internal') ctx.stores.log.error({ ...facts, err: error.cause ?? error }, 'failed');
  else ctx.stores.log.info({ ...facts, reason: error.reason }, 'refused');
  throw new TRPCError({ code: reasonTable[error.reason].code, message: error.message, cause: error });
});

/** Answers without a credential. */
export const publicProcedure = t.procedure.use(reported);

/** Answers a known actor whose role the table in `access.ts` allows. */
export const procedure = publicProcedure.use(({ ctx, path, next }) => {
  const { actor } = ctx;
  if (!actor) {
    throw new NexusError(
      'unauthenticated',
      'No valid credential was given; send the header "Authorization: Bearer <token>".',
    );
  }
  if (!mayCall(actor, path)) {
    throw new NexusError('forbidden', `A ${actor.role} may not call ${path}; ask an owner of the workspace.`, {
      details: { procedure: path, role: actor.role },
    });
  }
  return next({ ctx: { ...ctx, actor } });
});
