import { initTRPC, TRPCError, type TrackedEnvelope, tracked } from '@trpc/server';
import type { TRPC_ERROR_CODE_NUMBER } from '@trpc/server/rpc';
import { z } from 'zod';
import { NexusError, type Reason } from '../errors.ts';
import type { Actor } from '../features/actor.ts';
import { accessTopic } from '../features/tokens/index.ts';
import { inNameOf } from '../stores/callers.ts';
import { mayCall, ruleOf } from './access.ts';
import { receivedInput } from './bounded-json.ts';
import type { Context } from './context.ts';
import { reasonTable, toNexusError } from './error-mapping.ts';
import { remedyOf } from './input-errors.ts';
import { newRequestId } from './request-id.ts';
import { transformer } from './transformer.ts';
import { typedInput } from './typed-input.ts';

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
    /** A body that works, for the reference. */
    example?: Readonly<Record<string, unknown>>;
    /** 201 where something was made. */
    status?: 200 | 201;
  };
  /**
   * The items of a subscription, each `tracked` by an id from which a client that comes back goes on.
   * Its input then has `lastEventId`.
   */
  yields?: z.ZodType;
  /** The most of a body that is read, in MiB; 20 where it is not given. A batch may have the sum of its calls, 64 at most. */
  bodyMiB?: number;
  /** One sentence for the reference and for the client's docstring. */
  does: string;
  /** For which reasons it refuses what is well-formed, beside those of every call; `not_found` only where no id tells it. */
  refuses?: Partial<Readonly<Record<Reason, string>>>;
};

// Contracts that have no words of their own for what they refuse say what to give instead.
z.config({ customError: remedyOf });

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    transformer: { serialize: (value) => transformer.serialize(value), deserialize: receivedInput },
    // A comment line every few seconds shows both ends that a silent subscription is alive.
    sse: { ping: { enabled: true, intervalMs: 5_000 }, client: { reconnectAfterInactivityMs: 20_000 } },
    errorFormatter: ({ shape, error, ctx }) =>
      errorShape(toNexusError(error), shape.code, shape.data.path, ctx?.requestId),
  });

/** An error as tRPC sends it. What is refused before a call has an id of its own. */
export function errorShape(
  error: NexusError,
  code: TRPC_ERROR_CODE_NUMBER,
  path: string | undefined,
  requestId = newRequestId(),
) {
  const row = reasonTable[error.reason];
  return {
    message: error.message,
    code,
    data: {
      code: row.code,
      httpStatus: row.status,
      path,
      reason: error.reason,
      details: error.details,
      requestId,
    },
  };
}

export const { router, mergeRouters } = t;

/** The facts of a call that are reported. */
type Call = { ctx: Context; path: string; type: 'query' | 'mutation' | 'subscription' };

/** Counts a call and writes it to the log. */
export function report({ ctx, path, type }: Call, startedAt: number, failure?: NexusError): void {
  const ms = Math.round(performance.now() - startedAt);
  ctx.metrics.observeCall(path, failure?.reason ?? 'ok', ms / 1000);
  ctx.traces?.called(path, failure?.reason ?? 'ok', ctx.requestId);
  const { userId, workspaceId, tokenId } = ctx.actor ?? {};
  const facts = { requestId: ctx.requestId, procedure: path, type, userId, workspaceId, tokenId, ms };
  if (!failure) ctx.stores.log.info(facts, 'called');
  else if (failure.reason === 'internal') ctx.stores.log.error({ ...facts, err: failure.cause ?? failure }, 'failed');
  else ctx.stores.log.info({ ...facts, reason: failure.reason }, 'refused');
}

/** Whether a contract refused what was sent. */
export const isRefusedInput = (error: TRPCError): boolean =>
  error.code === 'BAD_REQUEST' && error.cause instanceof z.ZodError;

const reported = t.middleware(async ({ ctx, path, type, next, getRawInput }) => {
  const startedAt = performance.now();
  const call = { ctx, path, type };
  let read: Promise<unknown> | undefined;
  const readInput = () => {
    read ??= getRawInput().then((input) => typedInput(input, ctx.inputOf(path)));
    return read;
  };
  const result = await next({ getRawInput: readInput });
  const refusal = (thrown: unknown, input?: unknown) => {
    const error = toNexusError(thrown, input);
    report(call, startedAt, error);
    return new TRPCError({ code: reasonTable[error.reason].code, message: error.message, cause: error });
  };
  if (!result.ok) {
    throw refusal(result.error, isRefusedInput(result.error) ? await readInput() : undefined);
  }
  if (type !== 'subscription') {
    report(call, startedAt);
    return result;
  }
  const source = Stream.parse(result.data);
  const data = (async function* () {
    // A subscription fails where it is read. One that is refused for good must not look like one to try again.
    try {
      yield* source;
      report(call, startedAt);
    } catch (error) {
      throw refusal(error);
    }
  })();
  return { ...result, data };
});
const Stream = z.custom<AsyncIterable<unknown>>(
  (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
);

/** Answers whom the table in `access.ts` allows, which may be anyone. */
export const publicProcedure = t.procedure.use(reported).use(({ ctx, path, type, next }) => {
  requireAllowed(ctx.actor, path);
  return inItsName({ ctx, type }, next);
});

/**
 * Calls a verb in the name of its caller: it has the share of their workspace. A query ends once they have left; a change that
 * was begun is made.
 */
export function inItsName<Result>({ ctx, type }: Pick<Call, 'ctx' | 'type'>, work: () => Result): Result {
  const { actor, signal } = ctx;
  return inNameOf(actor && { workspaceId: actor.workspaceId, signal: type === 'query' ? signal : undefined }, work);
}

export function requireAllowed(actor: Actor | undefined, path: string): void {
  if (mayCall(actor, path)) return;
  if (!actor) throw noCredential();
  const remedy = ruleOf(path) === 'admin' ? 'ask who administers the installation' : 'ask an owner of the workspace';
  throw new NexusError('forbidden', `A ${actor.role} may not call ${path}; ${remedy}.`, {
    details: { procedure: path, role: actor.role },
  });
}

/** Answers a known actor whom the table allows. */
export const procedure = publicProcedure.use(({ ctx, next }) => {
  const { actor } = ctx;
  if (!actor) throw noCredential();
  return next({ ctx: { ...ctx, actor } });
});

/** How often a subscription looks at its caller's credential by itself: a signal may be lost, and an expiry sends none. */
const lookMs = 2_000;

/**
 * Answers a subscription for as long as the table allows its caller: it ends with an error once the token is revoked or
 * expires, the person signs out, or the role is taken away. What it waits for ends with `ctx.signal`, not with tRPC's own.
 */
export const liveProcedure = procedure.use(async ({ ctx, path, signal, next }) => {
  ctx.openStream();
  const ended = new AbortController();
  const both = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
  const result = await next({ ctx: { ...ctx, signal: both } });
  if (!result.ok) return result;
  const requireStill = async () => {
    const actor = await ctx.actorNow();
    requireAllowed(actor, path);
    if (actor?.workspaceId !== ctx.actor.workspaceId) throw noCredential();
  };
  return { ...result, data: untilRefused(Stream.parse(result.data), ctx, ended, requireStill) };
});

async function* untilRefused(
  source: AsyncIterable<unknown>,
  { stores: { signals } }: Pick<Context, 'stores'>,
  ended: AbortController,
  requireStill: () => Promise<void>,
): AsyncGenerator<unknown, void, undefined> {
  let refusal: NexusError | undefined;
  const watch = async () => {
    using news = signals.arm(accessTopic);
    while (!ended.signal.aborted) {
      await requireStill().catch((error: unknown) => {
        // A database that is away takes no right from anybody.
        const { reason } = toNexusError(error);
        if (reason === 'unauthenticated' || reason === 'forbidden' || reason === 'not_found')
          refusal = toNexusError(error);
      });
      if (refusal) ended.abort();
      else await news.next(lookMs, ended.signal);
    }
  };
  void watch();
  try {
    for await (const one of source) {
      if (refusal) break;
      yield one;
    }
  } finally {
    ended.abort();
  }
  if (refusal) throw refusal;
}

export const noCredential = () =>
  new NexusError('unauthenticated', 'No valid credential was given; send the header "Authorization: Bearer <token>".');

/** An item of a subscription, and the id from which a client that comes back goes on. */
export type Tracked<Item> = { id: string; item: Item };

/** A verb's stream as a subscription sends it. */
export async function* trackedBy<Item>(
  source: AsyncIterable<Tracked<Item>>,
): AsyncGenerator<TrackedEnvelope<Item>, void, unknown> {
  for await (const { id, item } of source) yield tracked(id, item);
}
