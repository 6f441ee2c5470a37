import type { AnyTRPCProcedure } from '@trpc/server';
import { z } from 'zod';
import type { ProcedureMeta } from './procedures.ts';
import { appRouter } from './router.ts';
import { unwrap } from './wire-names.ts';

/** A procedure as REST and the reference see it. */
export type Route = {
  procedure: string;
  type: 'query' | 'mutation' | 'subscription';
  meta: ProcedureMeta;
  input: z.ZodObject;
  /** As the contract declares it: it may be left out where it is optional or has a default. */
  declaredInput: z.ZodType;
  /** A subscription's is the schema of its items. */
  output: z.ZodType;
};

const Procedure = z.custom<AnyTRPCProcedure>((value) => typeof value === 'function' && '_def' in value);
const Meta = z.custom<ProcedureMeta>(
  (meta) => typeof meta === 'object' && meta !== null && 'rest' in meta && 'does' in meta,
);

/** Every procedure of the router; one without its REST route, or whose contract is no zod schema, fails the start. */
export function routesOf(): Route[] {
  // Flat at run time ('users.me'), nested in its type.
  const procedures: Readonly<Record<string, unknown>> = appRouter._def.procedures;
  return Object.entries(procedures).map(([procedure, value]) => {
    const definition = Procedure.parse(value)._def;
    const meta = Meta.safeParse(definition.meta);
    const [given]: unknown[] = definition.inputs;
    const input = given instanceof z.ZodType ? unwrap(given) : given;
    const isSubscription = definition.type === 'subscription';
    const output: unknown = isSubscription ? meta.data?.yields : Reflect.get(definition, 'output');
    if (
      !meta.success ||
      !(given instanceof z.ZodType) ||
      !(input instanceof z.ZodObject) ||
      !(output instanceof z.ZodType) ||
      (isSubscription && (!('lastEventId' in input.shape) || meta.data.rest.method !== 'GET'))
    ) {
      throw new Error(
        `${procedure} needs .meta({ rest, does }), a zod object as its input and a zod output; a subscription yields, lastEventId and GET.`,
      );
    }
    return { procedure, type: definition.type, meta: meta.data, input, declaredInput: given, output };
  });
}

/** The contract of what a procedure takes, by its path. Throws for a path that no procedure has. */
export function inputsOf(routes: readonly Route[]): (path: string) => z.ZodType {
  const inputs = new Map(routes.map(({ procedure, declaredInput }) => [procedure, declaredInput]));
  return (path) => {
    const input = inputs.get(path);
    if (!input) throw new Error(`No route is ${path}.`);
    return input;
  };
}
