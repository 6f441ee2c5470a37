import { z } from 'zod';
import { leastRole } from './access.ts';
import { openApiDocument } from './openapi.ts';
import { type Route, routesOf } from './routes.ts';

/** What each noun is, in a sentence or two. A noun without one fails `npm run generate`. */
const nouns: Readonly<Record<string, string>> = {
  users: 'People. A person belongs to workspaces, as a viewer, an editor or an owner.',
  tokens: 'Credentials of programs: 256 random bits, shown once, kept as their SHA-256.',
  topologies: 'Model architectures, with what their training came to.',
  modules: 'QLoRA modules: low-rank adapters of a topology, as PEFT describes them.',
  datasets: 'Named collections of files and of embedded text chunks.',
  chunks: 'Pieces of text with an embedding of 384 floats, found by vector, by words, or by both.',
  training: 'Training runs, their metrics and what came of them.',
  models: 'The registry: models with immutable versions, each with its bytes and where they came from.',
  checkpoints: 'The state of a topology’s training at a step.',
  logs: 'Log files, by day.',
  artifacts: 'Whatever else an experiment leaves: results, exported modules.',
  objects: 'Bytes in the object store. They travel between the caller and the store by presigned URL.',
  context: 'Engineering context: notes, measurements and anything else that is worth finding again.',
  annotations: 'Remarks on a topology, a module, a run, a dataset, a model, a chunk or a document.',
  sessions: 'Times in which somebody worked on something, with what happened in them.',
  experiments: 'Series of trials with a topology: parameters, metrics and results.',
  search: 'One question to everything at once.',
  workspaces: 'Teams’ own parts of the installation.',
  members: 'Who belongs to a workspace, and with which role; `users` lists them.',
  invitations: 'The only way to sign up.',
  audit: 'Who did what to what, when, from where and with which token.',
  system: 'The server itself.',
};

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  $ref: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
});
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
  parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean(), schema: Schema })),
  requestBody: Body.optional(),
});
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) });

/** A page of the reference for each noun, from the contracts: file name and Markdown. */
export function printDocs(version: string): [string, string][] {
  const { paths } = Document.parse(openApiDocument(version));
  const pages = new Map<string, Route[]>();
  for (const route of routesOf()) {
    const [noun = ''] = route.procedure.split('.');
    pages.set(noun, [...(pages.get(noun) ?? []), route]);
  }
  return [...pages].map(([noun, routes]) => {
    const intro = nouns[noun];
    if (!intro) throw new Error(`The noun ${noun} has no sentence in print-docs.ts; add one.`);
    const sections = routes.map((route) => section(route, paths));
    return [
      `${noun}.md`,
      `<!-- Written by \`npm run generate\` from the contracts. Do not edit. -->\n# ${noun}\n\n${intro}\n\n${sections.join('\n')}`,
    ];
  });
}

function section(route: Route, paths: z.infer<typeof Document>['paths']): string {
  const { rest, does } = route.meta;
  const operation = paths[`/api${rest.path}`]?.[rest.method.toLowerCase()];
  if (!operation) throw new Error(`${route.procedure} is not in the OpenAPI document.`);
  const body = operation.requestBody?.content['application/json'].schema;
  const fields = [
    ...operation.parameters.map((one) => row(one.name, one.in, one.required, one.schema)),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) =>
      row(name, 'body', body?.required.includes(name) ?? false, schema),
    ),
  ];
  const also = (rest.alsoPaths ?? []).map((path) => `, also \`${rest.method} /api${path}\``).join('');
  const role = leastRole(route.procedure);
  const kinds = { query: 'query', mutation: 'mutation', subscription: 'subscription (server-sent events)' };
  return `## ${route.procedure}

${does}

\`${rest.method} /api${rest.path}\`${also} · ${kinds[route.type]} · ${role ? `role ${role}` : 'for everybody'}
${fields.length > 0 ? `\n| field | in | type | |\n|---|---|---|---|\n${fields.join('')}` : ''}`;
}

function row(name: string, place: string, isRequired: boolean, schema: z.infer<typeof Schema>): string {
  const words = [
    schema.description,
    schema.default === undefined ? '' : `Default \`${JSON.stringify(schema.default)}\`.`,
  ];
  const text = words.filter(Boolean).join(' ').replaceAll('|', '\\|').replaceAll('\n', ' ');
  return `| \`${name}\`${isRequired ? '' : '?'} | ${place} | ${typeOf(schema)} | ${text} |\n`;
}

/** A type as people write it, with its limits. */
function typeOf(schema: z.infer<typeof Schema>): string {
  if (schema.$ref) return schema.$ref.replace(/^.*\//, '');
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' \\| ');
  const anyOf = z.array(Schema).safeParse(schema.anyOf);
  if (anyOf.success) return anyOf.data.map(typeOf).join(' or ');
  if (schema.type === 'array') {
    const items = Schema.safeParse(schema.items);
    return `list of ${items.success ? typeOf(items.data) : 'anything'}${limits(schema.minItems, schema.maxItems)}`;
  }
  const name = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any');
  if (name === 'string') return `${schema.format ?? 'string'}${limits(schema.minLength, schema.maxLength)}`;
  return `${name}${limits(schema.minimum, schema.maximum)}`;
}

function limits(least: unknown, most: unknown): string {
  const isGiven = (bound: unknown) => typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (!isGiven(least) && !isGiven(most)) return '';
  return ` (${isGiven(least) ? least : ''}…${isGiven(most) ? most : ''})`;
}
