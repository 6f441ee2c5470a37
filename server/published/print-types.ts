import { z } from 'zod';
import { routes } from '../features/nouns.ts';
import type { Route } from '../procedure/route.ts';
import { leastRole } from '../procedure/route.ts';
import { refusalsOf } from './refusals.ts';
import { limitsOfField, nouns, wordsOfField } from './words.ts';

type Direction = 'input' | 'output';
type Names = Map<string, { direction: Direction; text: string; description: string | undefined }>;

const head = (routes: readonly Route[]) => {
  const imports = new Set(['TRPCBuiltRouter', ...routes.map(({ type }) => procedureTypes[type])]);
  return `// Generated from the server's contracts by \`npm run generate\`. Do not edit.
import type { ${[...imports].sort().join(', ')} } from '@trpc/server';
import type { NexusErrorShape } from '../errors.ts';

/** Any JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** An item of a subscription, and the id from which a client that comes back goes on. */
export type Tracked<Item> = { id: string; data: Item };
`;
};

/** The client's types: every contract by its name with its documentation, and the router that they make up. */
export function printClientTypes(): string {
  const names: Names = new Map();
  const byNoun = new Map<string, string[]>();
  for (const route of routes) {
    const [noun = '', verb = ''] = route.procedure.split('.');
    byNoun.set(noun, [...(byNoun.get(noun) ?? []), printProcedure(route, verb, names)]);
  }
  for (const [name, words] of wordsOfTypes(routes)) {
    const type = names.get(name);
    if (type) type.description ??= words;
  }
  const types = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { text, description }]) => `${docs(description, '')}export type ${name} = ${text};\n`);
  const router = [...byNoun]
    .map(([noun, lines]) => `${docs(nouns[noun], '  ')}  ${noun}: {\n${lines.join('')}  };\n`)
    .join('');
  return `${head(routes)}\n${types.join('\n')}
type Root = { ctx: object; meta: object; errorShape: NexusErrorShape; transformer: true };

/** Every procedure of the server, for tRPC's own tools. */
export type NexusRouter = TRPCBuiltRouter<Root, NexusProcedures>;

/**
 * Every procedure by its noun. Each tells for which reasons of its own it refuses; any may also throw invalid_input,
 * unauthenticated, forbidden, too_many_requests, unavailable, timeout and internal.
 */
export type NexusProcedures = {
${router}};
`;
}

/** The default description of a type: the procedure that takes or returns it. */
function wordsOfTypes(routes: readonly Route[]): [name: string, words: string][] {
  return routes.flatMap(({ procedure, declaredInput, output, type }) =>
    [
      [z.globalRegistry.get(declaredInput)?.id, `Input of \`${procedure}\`.`],
      [z.globalRegistry.get(output)?.id, `${type === 'subscription' ? 'Event' : 'Answer'} of \`${procedure}\`.`],
    ].flatMap(([name, words = '']): [string, string][] => (name === undefined ? [] : [[name, words]])),
  );
}

const procedureTypes = {
  query: 'TRPCQueryProcedure',
  mutation: 'TRPCMutationProcedure',
  subscription: 'TRPCSubscriptionProcedure',
} as const;

function printProcedure(route: Route, verb: string, names: Names): string {
  const kind = procedureTypes[route.type];
  const input = print(route.declaredInput, 'input', names, '    ');
  const mayBeLeftOut = route.declaredInput.isOptional() ? ' | void' : '';
  const item = print(route.output, 'output', names, '    ');
  const output = route.type === 'subscription' ? `AsyncIterable<Tracked<${item}>, void, unknown>` : item;
  return `${docsOfProcedure(route)}    ${verb}: ${kind}<{ meta: object; input: ${input}${mayBeLeftOut}; output: ${output} }>;\n`;
}

/** A procedure's docstring: its purpose, its REST route, its role, and its own refusals. */
function docsOfProcedure(route: Route): string {
  const { method, path, definition } = route;
  const role = leastRole(route);
  const refusals = refusalsOf(route).flatMap(({ reason, when }) => (when ? [`@throws \`${reason}\`: ${when}`] : []));
  const lines = [
    definition.does,
    '',
    `By REST \`${method} /api${path}\`; ${role ? `role ${role}` : 'for everybody'}.`,
    ...refusals,
  ];
  return `    /**\n${lines.map((line) => `     *${line && ` ${line}`}\n`).join('')}     */\n`;
}

function print(schema: z.ZodType, direction: Direction, names: Names, indent: string, owner?: string): string {
  const meta = z.globalRegistry.get(schema);
  if (!meta?.id) return shape(schema, direction, names, indent, owner);
  const known = names.get(meta.id);
  // A name stands for one type: set before its text is printed, so that a contract may refer to itself.
  if (!known) {
    const entry = { direction, text: '', description: meta.description };
    names.set(meta.id, entry);
    entry.text = shape(schema, direction, names, '', meta.id);
  } else if (known.direction !== direction && known.text !== shape(schema, direction, names, '', meta.id)) {
    throw new Error(`${meta.id} differs between input and output; give the input a name of its own.`);
  }
  return meta.id;
}

function shape(schema: z.ZodType, direction: Direction, names: Names, indent: string, owner?: string): string {
  const inner = (part: unknown, at = indent) => {
    if (!(part instanceof z.ZodType)) throw new Error('A contract holds something that is no zod schema.');
    return print(part, direction, names, at, owner);
  };
  const { id, conditionOfTree, checkedLater, typescript } = z.globalRegistry.get(schema) ?? {};
  if (conditionOfTree instanceof z.ZodType) {
    return `{ and: ${id}[] } | { or: ${id}[] } | { not: ${id} } | ${inner(conditionOfTree)}`;
  }
  if (checkedLater instanceof z.ZodType) return inner(checkedLater);
  if (typeof typescript === 'string') return typescript;
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return 'string';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodDate) return 'Date';
  if (schema instanceof z.ZodUnknown) return 'unknown';
  if (schema instanceof z.ZodLazy) return 'JsonValue';
  if (schema instanceof z.ZodNull) return 'null';
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => JSON.stringify(value)).join(' | ');
  if (schema instanceof z.ZodEnum) return schema.options.map((value) => JSON.stringify(value)).join(' | ');
  if (schema instanceof z.ZodArray) return arrayOf(inner(schema.element));
  if (schema instanceof z.ZodRecord) return `{ [key: string]: ${inner(schema.valueType)} }`;
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.map((option) => inner(option)))].join(' | ');
  if (schema instanceof z.ZodNullable) return `${inner(schema.unwrap())} | null`;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return inner(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return inner(direction === 'input' ? schema.in : schema.out);
  if (schema instanceof z.ZodObject) return objectOf(schema, direction, names, indent, owner);
  throw new Error(`The generator has no rule for zod's ${schema._zod.def.type}; add one to print-types.ts.`);
}

function objectOf(schema: z.ZodObject, direction: Direction, names: Names, indent: string, owner?: string): string {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    if (!(field instanceof z.ZodType)) throw new Error(`${name} is no zod schema.`);
    const isOptional = direction === 'input' ? field._zod.optin !== undefined : field._zod.optout !== undefined;
    const type = print(field, direction, names, `${indent}  `, owner);
    const words = wordsOfField(owner, name, field) ?? '';
    const description = [words, limitsOfField(field, words)].filter(Boolean).join(' ');
    return `${docs(description, `${indent}  `)}${indent}  ${name}${isOptional ? '?' : ''}: ${type}${isOptional ? ' | undefined' : ''};\n`;
  });
  const rest = schema.def.catchall instanceof z.ZodUnknown ? `${indent}  [key: string]: unknown;\n` : '';
  return fields.length + rest.length === 0 ? 'Record<string, never>' : `{\n${fields.join('')}${rest}${indent}}`;
}

const arrayOf = (element: string) => (/[|{ ]/.test(element) ? `Array<${element}>` : `${element}[]`);
const docs = (text: string | undefined, indent: string) =>
  text ? `${indent}/** ${text.replaceAll('*/', '*\\/')} */\n` : '';
