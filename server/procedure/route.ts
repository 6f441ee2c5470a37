import { z } from 'zod';
import type { Definition, Method } from './definition.ts';
import type { Rule } from './role.ts';
import { unwrap } from './wire-names.ts';

/** A procedure with its name, and its contracts and its route taken apart. */
export type Route = {
  /** `topologies.create` */
  procedure: string;
  definition: Definition;
  type: Definition['type'];
  method: Method;
  /** Below `/api`. */
  path: string;
  input: z.ZodObject;
  /** As the contract declares it: it may be left out where it is optional or has a default. */
  declaredInput: z.ZodType;
  /** A subscription's is the schema of its items. */
  output: z.ZodType;
};

const Rest = z.templateLiteral([z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']), ' ', z.string()]);

/** Every procedure of some nouns; one whose contracts do not fit its kind fails the start. */
export function routesOf(nouns: Readonly<Record<string, Readonly<Record<string, Definition>>>>): Route[] {
  return Object.entries(nouns).flatMap(([noun, verbs]) =>
    Object.entries(verbs).map(([verb, definition]) => routeOf(`${noun}.${verb}`, definition)),
  );
}

function routeOf(procedure: string, definition: Definition): Route {
  const { type, rest, input: declaredInput, output } = definition;
  const [method, path = ''] = Rest.parse(rest).split(' ', 2);
  const input = unwrap(declaredInput);
  if (!(input instanceof z.ZodObject)) throw new Error(`${procedure} takes no object; make its input one.`);
  if (type === 'subscription' && (!('lastEventId' in input.shape) || method !== 'GET')) {
    throw new Error(`${procedure} is a subscription; give it a GET and an input with lastEventId.`);
  }
  return { procedure, definition, type, method: Methods.parse(method), path, input, declaredInput, output };
}

const Methods = z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']);

/** The least role of a procedure, as the reference says it; undefined where anyone is answered. */
export function leastRole({ definition: { role } }: Route): Exclude<Rule, 'anyone'> | undefined {
  return role === 'anyone' ? undefined : role;
}
