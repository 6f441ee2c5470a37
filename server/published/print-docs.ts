import { z } from 'zod';
import { routes } from '../features/nouns.ts';
import type { Route } from '../procedure/route.ts';
import { leastRole } from '../procedure/route.ts';
import { inWireNames, wireNamesOf } from '../procedure/wire-names.ts';
import { openApiDocument } from './openapi.ts';
import { refusalsOf } from './refusals.ts';
import { nouns } from './words.ts';

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  $ref: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
});
type OneSchema = z.infer<typeof Schema>;
const Body = z.object({
  content: z.object({
    'application/json': z.object({
      schema: z.object({
        properties: z.record(z.string(), Schema).default({}),
        required: z.array(z.string()).default([]),
      }),
    }),
  }),
});
const Operation = z.object({
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.string(),
      required: z.boolean(),
      schema: Schema.optional(),
      content: z.object({ 'application/json': z.object({ schema: Schema }) }).optional(),
    }),
  ),
  requestBody: Body.optional(),
});
const Component = z.looseObject({
  ...Schema.shape,
  properties: z.record(z.string(), Schema).optional(),
  required: z.array(z.string()).optional(),
});
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Component) }),
});
type Schemas = z.infer<typeof Document>['components']['schemas'];

const generated = '<!-- Written by `npm run generate` from the contracts. Do not edit. -->';

/** A page of the reference for each noun, from the contracts: file name and Markdown. */
export function printDocs(version: string): [string, string][] {
  const { paths, components } = Document.parse(openApiDocument(version));
  const pages = new Map<string, Route[]>();
  for (const route of routes) {
    const [noun = ''] = route.procedure.split('.');
    pages.set(noun, [...(pages.get(noun) ?? []), route]);
  }
  const index = [...pages.keys()].map((noun) => `- [${noun}](${noun}.md): ${nouns[noun]}\n`).join('');
  const written = [...pages].map(([noun, routes]): [string, string] => {
    const intro = nouns[noun];
    if (!intro) throw new Error(`The noun ${noun} has no sentence in words.ts; add one.`);
    const operations = routes.map((route) => operationOf(route, paths));
    const schemas = components.schemas;
    const types = typesOf(
      [...operations, ...answersOf(routes, schemas).map((name) => ({ $ref: `/${name}` }))],
      schemas,
    );
    const sections = routes.map((route, at) => section(route, operations[at], schemas));
    return [
      `${noun}.md`,
      `${generated}
# ${noun}

${intro} [Any call](../concepts/errors.md) may be refused; what is of a procedure’s own stands beside it.

${sections.join('\n')}
# Types

${types.map((name) => typeSection(name, schemas)).join('\n')}`,
    ];
  });
  return [['README.md', `${generated}\n# Reference\n\n${index}`], ...written];
}

type OperationOf = z.infer<typeof Operation>;

function operationOf({ procedure, path, method }: Route, paths: z.infer<typeof Document>['paths']): OperationOf {
  const operation = paths[`/api${path}`]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${procedure} is not in the OpenAPI document.`);
  return operation;
}

/** The named objects that are referred to, and those to which they refer in turn, in that order. */
function typesOf(from: readonly unknown[], schemas: Schemas): string[] {
  const found = new Set<string>();
  const look = (at: unknown) => {
    for (const [, name = ''] of JSON.stringify(at).matchAll(/"\$ref":"[^"]*\/(\w+)"/g)) {
      if (found.has(name) || !(schemas[name]?.properties || schemas[name]?.anyOf)) continue;
      found.add(name);
      look(schemas[name]);
    }
  };
  look(from);
  return [...found];
}

/** The named contracts of what these procedures answer, of a page its items. */
function answersOf(routes: readonly Route[], schemas: Schemas): string[] {
  const names = routes.flatMap((route) => answerOf(route, schemas)?.name ?? []);
  return [...new Set(names)];
}

function answerOf({ output }: Route, schemas: Schemas): { name: string; isPage: boolean } | undefined {
  const name = z.globalRegistry.get(output)?.id;
  const items = Schema.safeParse(name && schemas[name]?.properties?.items?.items);
  const item = items.data?.$ref?.replace(/^.*\//, '');
  if (item && schemas[item]?.properties) return { name: item, isPage: true };
  return name && schemas[name]?.properties ? { name, isPage: false } : undefined;
}

function answered(route: Route, schemas: Schemas): string {
  const found = answerOf(route, schemas);
  const verb = route.type === 'subscription' ? 'yields' : 'answers';
  return found ? ` · ${verb} ${found.isPage ? 'a page of ' : ''}[${found.name}](#${found.name.toLowerCase()})` : '';
}

function typeSection(name: string, schemas: Schemas): string {
  const { description = '', properties, required = [], anyOf } = schemas[name] ?? {};
  const head = `## ${name}\n\n${description}\n`;
  const forms = z.array(Schema).safeParse(anyOf);
  if (!properties) return `${head}\n${forms.data?.map((one) => `- ${typeOf(one, schemas)}`).join('\n') ?? ''}\n`;
  const rows = Object.entries(properties).map(
    ([field, schema]) =>
      `| \`${field}\`${required.includes(field) ? '' : '?'} | ${typeOf(schema, schemas)} | ${inCell(wordsOf(schema))} |\n`,
  );
  return `${head}\n| field | type | |\n|---|---|---|\n${rows.join('')}`;
}

function section(route: Route, operation: OperationOf | undefined, schemas: Schemas): string {
  const { method, definition } = route;
  const body = operation?.requestBody?.content['application/json'].schema;
  const fields = [
    ...(operation?.parameters ?? []).map((one) =>
      row(one.name, one.in, one.required, one.content?.['application/json'].schema ?? one.schema ?? {}, schemas),
    ),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) =>
      row(name, 'body', body?.required.includes(name) ?? false, schema, schemas),
    ),
  ];
  const also = (definition.alsoPaths ?? []).map((path) => `, also \`${method} /api${path}\``).join('');
  const role = leastRole(route);
  const refusals = refusalsOf(route).flatMap(({ reason, when }) =>
    when ? [`\`${reason}\`: ${inRest(when, route)}`] : [],
  );
  const kinds = { query: 'query', mutation: 'mutation', subscription: 'subscription (server-sent events)' };
  return `## ${route.procedure}

${definition.does}

\`${method} /api${route.path}\`${also} · ${kinds[route.type]} · ${role ? `role ${role}` : 'for everybody'}${answered(route, schemas)}
${fields.length > 0 ? `\n| field | in | type | |\n|---|---|---|---|\n${fields.join('')}` : ''}${refusals.length > 0 ? `\nRefused with ${refusals.join(' ')}\n` : ''}`;
}

const inRest = (text: string, route: Route) => inWireNames(text, wireNamesOf(route.input));

function row(name: string, place: string, isRequired: boolean, schema: OneSchema, schemas: Schemas): string {
  return `| \`${name}\`${isRequired ? '' : '?'} | ${place} | ${typeOf(schema, schemas)} | ${inCell(wordsOf(schema))} |\n`;
}

const wordsOf = ({ description = '', default: value }: OneSchema) =>
  [description, value === undefined ? '' : `Default \`${JSON.stringify(value)}\`.`].filter(Boolean).join(' ');
const inCell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A type as people write it, with its limits. */
function typeOf(schema: OneSchema, schemas: Schemas): string {
  if (schema.$ref) {
    const name = schema.$ref.replace(/^.*\//, '');
    const whole = schemas[name];
    if (whole?.properties || whole?.anyOf) return `[${name}](#${name.toLowerCase()})`;
    return whole && name !== 'Json' ? typeOf(whole, schemas) : 'any JSON';
  }
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' \\| ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  const anyOf = z.array(Schema).safeParse(schema.anyOf);
  if (anyOf.success) return anyOf.data.map((one) => typeOf(one, schemas)).join(' or ');
  if (schema.type === 'array') {
    const items = Schema.safeParse(schema.items);
    return `list of ${items.success ? typeOf(items.data, schemas) : 'anything'}${limits(schema.minItems, schema.maxItems)}`;
  }
  const fields = z.record(z.string(), Schema).safeParse(schema.properties);
  if (schema.type === 'object' && fields.success) {
    return `{ ${Object.entries(fields.data)
      .map(([field, one]) => `${field}: ${typeOf(one, schemas)}`)
      .join(', ')} }`;
  }
  const name = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any JSON');
  if (name === 'string') return `${schema.format ?? 'string'}${limits(schema.minLength, schema.maxLength)}`;
  return `${name}${limits(schema.minimum, schema.maximum)}`;
}

function limits(least: unknown, most: unknown): string {
  const isGiven = (bound: unknown) => typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (!isGiven(least) && !isGiven(most)) return '';
  return ` (${isGiven(least) ? least : ''}…${isGiven(most) ? most : ''})`;
}
