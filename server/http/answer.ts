import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { NexusError } from '../errors.ts';
import { accessTopic } from '../features/tokens/index.ts';
import type { Actor } from '../procedure/actor.ts';
import type { Tracked } from '../procedure/definition.ts';
import { mayCall } from '../procedure/role.ts';
import type { Route } from '../procedure/route.ts';
import { typedInput } from '../procedure/typed-input.ts';
import { inNameOf } from '../stores/callers.ts';
import type { Context } from './context.ts';
import { toNexusError } from './error-mapping.ts';
import { remedyOf } from './input-errors.ts';

// Contracts that have no words of their own for what they refuse say what to give instead.
z.config({ customError: remedyOf });

export type Answer = { data: unknown } | { error: NexusError };

/**
 * Answers a query or a mutation, whichever way it came: the role, the input, the verb, its output, the report. `readInput` is
 * called once the caller is known to be allowed. Never rejects.
 */
export async function answer(route: Route, ctx: Context, readInput: () => unknown): Promise<Answer> {
  const call: Call = { route, ctx, startedAt: performance.now() };
  try {
    const input = await inputOf(call, readInput);
    const run = () => route.definition.run({ ctx, input });
    const data = parsedBy(route.output, await inItsName(call, run), 'INTERNAL_SERVER_ERROR');
    report(call);
    return { data };
  } catch (thrown) {
    return { error: refused(call, thrown) };
  }
}

/**
 * Opens a subscription, which lasts for as long as its caller is allowed: it ends with an error once the token is revoked or
 * expires, the person signs out, or the role is taken away. Throws NexusError where it is refused at once, and where it fails.
 */
export async function openStream(
  route: Route,
  ctx: Context,
  readInput: () => unknown,
  caller: AbortSignal | undefined,
): Promise<Items> {
  const call: Call = { route, ctx, startedAt: performance.now() };
  try {
    const input = await inputOf(call, readInput);
    ctx.openStream();
    const ended = new AbortController();
    const signal = caller ? AbortSignal.any([caller, ended.signal]) : ended.signal;
    const run = () => route.definition.run({ ctx: { ...ctx, signal }, input });
    return whileAllowed(Items.parse(inItsName(call, run)), call, ended);
  } catch (thrown) {
    throw refused(call, thrown);
  }
}

type Items = AsyncIterable<Tracked<unknown>>;
const Items = z.custom<Items>((value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value);

/** One call on its way. `received` is the input as it was given, for the words of its refusal. */
type Call = { route: Route; ctx: Context; startedAt: number; received?: unknown };

async function inputOf(call: Call, readInput: () => unknown): Promise<unknown> {
  const { declaredInput } = call.route;
  requireAllowed(call.ctx.actor, call.route);
  try {
    const read = readInput();
    call.received = typedInput(read instanceof Promise ? await read : read, declaredInput);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'Invalid input';
    throw new TRPCError({ code: 'BAD_REQUEST', message, cause });
  }
  return parsedBy(declaredInput, call.received, 'BAD_REQUEST');
}

/**
 * Calls a verb in the name of its caller: it has the share of their workspace. A query ends once they have left; a change that
 * was begun is made.
 */
function inItsName<Result>({ route, ctx: { actor, signal } }: Call, run: () => Result): Result {
  return inNameOf(
    actor && { workspaceId: actor.workspaceId, signal: route.type === 'query' ? signal : undefined },
    run,
  );
}

/** Synchronous, because zod is several times as fast then. */
function parsedBy(schema: z.ZodType, value: unknown, code: 'BAD_REQUEST' | 'INTERNAL_SERVER_ERROR'): unknown {
  try {
    return schema.parse(value);
  } catch (cause) {
    throw new TRPCError({ code, cause });
  }
}

function requireAllowed(actor: Actor | undefined, { procedure, definition: { role } }: Route): void {
  if (mayCall(actor, role)) return;
  if (!actor) throw noCredential();
  const remedy = role === 'admin' ? 'ask who administers the installation' : 'ask an owner of the workspace';
  throw new NexusError('forbidden', `A ${actor.role} may not call ${procedure}; ${remedy}.`, {
    details: { procedure, role: actor.role },
  });
}

export const noCredential = () =>
  new NexusError('unauthenticated', 'No valid credential was given; send the header "Authorization: Bearer <token>".');

function refused(call: Call, thrown: unknown): NexusError {
  const isInput = thrown instanceof TRPCError && thrown.code === 'BAD_REQUEST' && thrown.cause instanceof z.ZodError;
  const error = toNexusError(thrown, isInput ? call.received : undefined);
  report(call, error);
  return error;
}

/** Counts a call and writes it to the log. */
function report({ route: { procedure, type }, ctx, startedAt }: Call, failure?: NexusError): void {
  const ms = Math.round(performance.now() - startedAt);
  ctx.metrics.observeCall(procedure, failure?.reason ?? 'ok', ms / 1000);
  ctx.traces?.called(procedure, failure?.reason ?? 'ok', ctx.requestId);
  const { userId, workspaceId, tokenId } = ctx.actor ?? {};
  const facts = { requestId: ctx.requestId, procedure, type, userId, workspaceId, tokenId, ms };
  if (!failure) ctx.stores.log.info(facts, 'called');
  else if (failure.reason === 'internal') ctx.stores.log.error({ ...facts, err: failure.cause ?? failure }, 'failed');
  else ctx.stores.log.info({ ...facts, reason: failure.reason }, 'refused');
}

/** How often a stream looks at its caller's credential by itself: a signal may be lost, and an expiry sends none. */
const lookMs = 2_000;

async function* whileAllowed(
  source: Items,
  call: Call,
  ended: AbortController,
): AsyncGenerator<Tracked<unknown>, void, undefined> {
  const { ctx, route } = call;
  let refusal: NexusError | undefined;
  const requireStill = async () => {
    const actor = await ctx.actorNow();
    requireAllowed(actor, route);
    if (actor?.workspaceId !== ctx.actor?.workspaceId) throw noCredential();
  };
  const watch = async () => {
    using news = ctx.stores.signals.arm(accessTopic);
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
    if (refusal) throw refusal;
    report(call);
  } catch (thrown) {
    // A subscription fails where it is read. One that is refused for good must not look like one to try again.
    throw refused(call, thrown);
  } finally {
    ended.abort();
  }
}
