import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { NexusError } from '../errors.ts';
import type { Context } from './context.ts';
import { toNexusError } from './error-mapping.ts';
import {
  inItsName,
  isRefusedInput,
  noCredential,
  procedure,
  publicProcedure,
  report,
  requireAllowed,
} from './procedures.ts';
import { typedInput } from './typed-input.ts';

/** A procedure without the chain of functions around it: what a call comes down to. */
export type PlainCall = {
  path: string;
  type: 'query' | 'mutation';
  /**
   * Does what the chain does, in its order, by the same functions: who may call, the input, the verb, its output, the report.
   * `readInput` is called once the caller is known to be allowed.
   */
  answer(ctx: Context, readInput: () => unknown): Promise<{ data: unknown } | { error: NexusError }>;
};

type Definition = {
  type: 'query' | 'mutation' | 'subscription';
  middlewares: readonly object[];
  inputs: readonly unknown[];
  output?: unknown;
  resolver?: (call: object) => unknown;
};
const Procedure = z.custom<{ _def: Definition }>((value) => typeof value === 'function' && '_def' in value);

/**
 * The call inside a procedure; undefined where it streams, or where its chain has anything but the functions of
 * `procedures.ts`, one input and one output. Each of tRPC's functions copies the call twice, which takes longer than a
 * query of one row.
 */
export function plainCallOf(path: string, value: unknown): PlainCall | undefined {
  const { type, middlewares, inputs, output, resolver } = Procedure.parse(value)._def;
  const [input] = inputs;
  // The last one calls the verb.
  const chain = middlewares
    .slice(0, -1)
    .filter((one) => !['input', 'output'].includes(String(Reflect.get(one, '_type'))));
  const isChain = ({ _def }: { _def: { middlewares: readonly object[] } }) =>
    _def.middlewares.length === chain.length && _def.middlewares.every((one, at) => one === chain[at]);
  const needsActor = isChain(procedure);
  if (!needsActor && !isChain(publicProcedure)) return undefined;
  if (type === 'subscription' || !resolver || inputs.length !== 1) return undefined;
  if (!(input instanceof z.ZodType) || !(output instanceof z.ZodType)) return undefined;
  return {
    path,
    type,
    async answer(ctx, readInput) {
      const startedAt = performance.now();
      const call = { ctx, path, type };
      let received: unknown;
      try {
        requireAllowed(ctx.actor, path);
        if (needsActor && !ctx.actor) throw noCredential();
        received = asReceived(() => typedInput(readInput(), input));
        const given = parsedBy(input, received, 'BAD_REQUEST');
        const data = parsedBy(
          output,
          await inItsName(call, () => resolver({ ctx, input: given, path, type })),
          'INTERNAL_SERVER_ERROR',
        );
        report(call, startedAt);
        return { data };
      } catch (thrown) {
        const refused = getTRPCErrorFromUnknown(thrown);
        const error = toNexusError(refused, isRefusedInput(refused) ? received : undefined);
        report(call, startedAt, error);
        return { error };
      }
    },
  };
}

/** Not asynchronous, which zod answers several times as fast. */
function parsedBy(schema: z.ZodType, value: unknown, code: 'BAD_REQUEST' | 'INTERNAL_SERVER_ERROR'): unknown {
  try {
    return schema.parse(value);
  } catch (cause) {
    throw new TRPCError({ code, cause });
  }
}

function asReceived(readInput: () => unknown): unknown {
  try {
    return readInput();
  } catch (cause) {
    throw new TRPCError({
      code: 'BAD_REQUEST',
      message: cause instanceof Error ? cause.message : 'Invalid input',
      cause,
    });
  }
}
