import { initTRPC, TRPCError, tracked } from '@trpc/server';
import type { TRPC_ERROR_CODE_NUMBER } from '@trpc/server/rpc';
import type { NexusError } from '../errors.ts';
import { receivedInput } from '../procedure/bounded-json.ts';
import { reasonTable } from '../procedure/reason-table.ts';
import type { Route } from '../procedure/route.ts';
import { transformer } from '../procedure/transformer.ts';
import { answer, openStream } from './answer.ts';
import type { Context } from './context.ts';
import { toNexusError } from './error-mapping.ts';
import { newRequestId } from './request-id.ts';

const t = initTRPC.context<Context>().create({
  transformer: { serialize: (value) => transformer.serialize(value), deserialize: receivedInput },
  // A comment line every few seconds shows both ends that a silent subscription is alive.
  sse: { ping: { enabled: true, intervalMs: 5_000 }, client: { reconnectAfterInactivityMs: 20_000 } },
  errorFormatter: ({ shape, error, ctx }) =>
    errorShape(toNexusError(error), shape.code, shape.data.path, ctx?.requestId),
});

/** The input is read by the answer, once its caller is known to be allowed. */
const unread = t.procedure.use(({ ctx, getRawInput, next, signal }) =>
  next({ ctx: { ...ctx, getRawInput, leaving: signal } }),
);

/** The router by which tRPC sends batches and subscriptions; every call of it goes through `answer`. */
export function trpcRouterOf(routes: readonly Route[]) {
  const nouns: Record<string, Record<string, ReturnType<typeof procedureOf>>> = {};
  for (const route of routes) {
    const [noun = '', verb = ''] = route.procedure.split('.');
    nouns[noun] = { ...nouns[noun], [verb]: procedureOf(route) };
  }
  return t.router(nouns);
}

function procedureOf(route: Route) {
  if (route.type === 'subscription') {
    return unread.subscription(async ({ ctx }) =>
      trackedBy(await openStream(route, ctx, ctx.getRawInput, ctx.leaving).catch(asTrpcError)),
    );
  }
  const call = async (ctx: Parameters<typeof answer>[1] & { getRawInput: () => Promise<unknown> }) => {
    const result = await answer(route, ctx, ctx.getRawInput);
    return 'error' in result ? asTrpcError(result.error) : result.data;
  };
  return route.type === 'query' ? unread.query(({ ctx }) => call(ctx)) : unread.mutation(({ ctx }) => call(ctx));
}

async function* trackedBy(items: Awaited<ReturnType<typeof openStream>>) {
  try {
    for await (const { id, item } of items) yield tracked(id, item);
  } catch (error) {
    asTrpcError(error);
  }
}

/** Throws it as tRPC sends it with its own status; what tRPC wraps by itself becomes a 500. */
export function asTrpcError(thrown: unknown): never {
  const error = toNexusError(thrown);
  throw new TRPCError({ code: reasonTable[error.reason].code, message: error.message, cause: error });
}

/** An error as tRPC sends it. One that is refused before a call has an id of its own. */
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
