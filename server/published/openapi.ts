import { z } from 'zod';
import { reasons } from '../errors.ts';
import { routes } from '../features/nouns.ts';
import { reasonTable } from '../procedure/reason-table.ts';
import type { Route } from '../procedure/route.ts';
import { leastRole } from '../procedure/route.ts';
import { inWireNames, namesFields, snakeCase, wireNamesOf } from '../procedure/wire-names.ts';
import { refusalsOf } from './refusals.ts';
import { nouns, wordsOfField } from './words.ts';

type Schemas = Record<string, unknown>;

const problem = {
  type: 'object',
  description: 'RFC 9457. `details` has the field, its value and what else a program may act on.',
  properties: {
    type: { type: 'string', description: 'about:blank: `title` tells which.' },
    title: { type: 'string', enum: [...reasons], description: 'The reason, from a closed list.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: { type: 'string', description: 'Subject, problem, value and remedy, for a person.' },
    details: {
      type: 'object',
      description: '`field` and `issues` of an `invalid_input`, `kind` and `id` of a `not_found`, and so on.',
    },
    request_id: { type: 'string', description: 'Finds the cause in the server’s log.' },
  },
  required: ['type', 'title', 'status', 'detail'],
};

/** The OpenAPI 3.1 document of the REST routes, from the contracts themselves. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Schemas = { Json: { description: 'Any JSON.' }, Problem: problem };
  for (const route of routes) {
    for (const below of [route.path, ...(route.definition.alsoPaths ?? [])]) {
      const path = `/api${below}`;
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, below, schemas) };
    }
  }
  const tags = new Set(routes.map(({ procedure }) => nounOf(procedure)));
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Topology Nexus',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Lists page by `next_cursor`. Errors are problems of RFC 9457, whose `title` is one of a closed list of reasons. A list in a query is its name repeated, or its name alone where it is empty.',
    },
    servers: [{ url: '/' }],
    tags: [...tags].map((name) => ({ name, description: nouns[name] })),
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An access token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'better-auth.session_token',
          description:
            'Of a person who signed in at `/auth/sign-in/email`; only for pages of this server or of `NEXUS_ORIGINS`.',
        },
      },
      responses: problemResponses(),
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
  return inRestNames(refersToJson(document), routes);
}

const nounOf = (procedure: string) => procedure.split('.')[0] ?? '';

/** Every text with the names that the fields have by REST. */
function inRestNames<Value>(document: Value, routes: readonly Route[]): Value {
  const names = new Map(routes.flatMap(({ input, output }) => [...wireNamesOf(input), ...wireNamesOf(output)]));
  const text = JSON.stringify(document, (key, value: unknown) =>
    (key === 'description' || key === 'summary') && typeof value === 'string' ? inWireNames(value, names) : value,
  );
  return z.custom<Value>().parse(JSON.parse(text));
}

/** One response a reason, by its name in the closed list. */
function problemResponses(): Record<string, unknown> {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const retryAfter = { 'retry-after': { schema: { type: 'integer' }, description: 'Seconds to wait.' } };
  const ofReasons = Object.fromEntries(
    reasons.map((reason) => {
      const waits = reason === 'too_many_requests' || reason === 'unavailable';
      return [reason, { description: reason, ...(waits && { headers: retryAfter }), content }];
    }),
  );
  return {
    ...ofReasons,
    wrong_media_type: { description: 'The body says that it is no JSON.', content },
    long_head: { description: 'The URL and the headers have more than 16 KB.', content },
  };
}

/** The schema of what travels by REST. Every named contract goes to `schemas`, and is referred to. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas) {
  const {
    $schema: _,
    $defs: _own,
    ...whole
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
    metadata: z.registry(),
    override({ zodSchema, jsonSchema: json }) {
      const { id, conditionOfTree, checkedLater, description, openapi } = z.globalRegistry.get(zodSchema) ?? {};
      if (zodSchema._zod.def.type === 'date') Object.assign(json, { type: 'string', format: 'date-time' });
      if (zodSchema._zod.def.type === 'object' && json.properties) {
        json.properties = Object.fromEntries(
          Object.entries(json.properties).map(([name, property]) => {
            const field: unknown = zodSchema instanceof z.ZodObject ? zodSchema.shape[name] : undefined;
            const words = field instanceof z.ZodType ? wordsOfField(id, name, field) : undefined;
            if (words && typeof property === 'object') property.description ??= words;
            return [snakeCase(name), property];
          }),
        );
        if (json.required) json.required = json.required.map(snakeCase);
      }
      if (json.enum && zodSchema instanceof z.ZodType && namesFields(zodSchema)) {
        json.enum = json.enum.map((name) => snakeCase(String(name)));
      }
      if (description && json.$ref === undefined) json.description = description;
      // Only a custom contract itself can say which values it takes.
      if (openapi) Object.assign(json, openapi);
      if (checkedLater instanceof z.ZodType) Object.assign(json, jsonSchema(checkedLater, io, schemas));
      if (!id || Object.is(zodSchema, schema)) return;
      const own = { ...json };
      for (const key of Object.keys(json)) delete json[key];
      json.$ref = `#/components/schemas/${id}`;
      schemas[id] ??=
        conditionOfTree instanceof z.ZodType
          ? { description, anyOf: [...joinsOf({ $ref: json.$ref }), jsonSchema(conditionOfTree, io, schemas)] }
          : own;
    },
  });
  return whole;
}

/** Free JSON is the only contract that refers to itself; its own definitions become one component. */
function refersToJson<Schema>(schema: Schema): Schema {
  const text = JSON.stringify(schema).replace(/#\/\$defs\/\w+/g, '#/components/schemas/Json');
  return z.custom<Schema>().parse(JSON.parse(text));
}

/** A named contract as a reference. */
function referenced(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas): unknown {
  const id = z.globalRegistry.get(schema)?.id;
  const whole = jsonSchema(schema, io, schemas);
  if (!id) return whole;
  schemas[id] ??= whole;
  return { $ref: `#/components/schemas/${id}` };
}

function joinsOf(tree: { $ref: string }): Record<string, unknown>[] {
  const trees = { type: 'array', items: tree, minItems: 1 };
  return Object.entries({ and: trees, or: trees, not: tree }).map(([name, part]) => ({
    type: 'object',
    properties: { [name]: part },
    required: [name],
    additionalProperties: false,
  }));
}

const Referring = z.object({ $ref: z.string() });

function isObject(schema: unknown, schemas: Schemas): boolean {
  const reference = Referring.safeParse(schema);
  const whole = reference.success ? schemas[reference.data.$ref.replace(/^.*\//, '')] : schema;
  const { type, anyOf } = Object(whole);
  return type === 'object' || (Array.isArray(anyOf) && anyOf.some((one) => isObject(one, {})));
}

function operation(route: Route, path: string, schemas: Schemas): Record<string, unknown> {
  const { method, definition } = route;
  const input = jsonSchema(route.input, 'input', schemas);
  const nameOf = (field: string) =>
    Object.entries(definition.names ?? {}).find(([own]) => snakeCase(own) === field)?.[1] ?? field;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const properties = Object.entries(input.properties ?? {}).map(([field, schema]) => [nameOf(field), schema] as const);
  const required = (input.required ?? []).map(nameOf);
  const isQuery = method === 'GET' || method === 'DELETE';
  const parameters = properties
    .filter(([name]) => isQuery || inPath.includes(name))
    .map(([name, schema]) => ({
      name,
      in: inPath.includes(name) ? 'path' : 'query',
      required: inPath.includes(name) || required.includes(name),
      // An object stands in a query as JSON.
      ...(isObject(schema, schemas) ? { content: { 'application/json': { schema } } } : { schema }),
    }));
  const body = properties.filter(([name]) => !inPath.includes(name));
  const requiredInBody = required.filter((name) => !inPath.includes(name));
  const schema = {
    type: 'object',
    properties: Object.fromEntries(body),
    ...(requiredInBody.length > 0 && { required: requiredInBody }),
  };
  const role = leastRole(route);
  return {
    // One path is the operation's own; an operationId must be unique in the document.
    ...(path === route.path && { operationId: route.procedure }),
    tags: [nounOf(route.procedure)],
    summary: definition.does,
    ...(role ? { description: `Needs the role ${role}.` } : { security: [] }),
    parameters,
    ...(!isQuery &&
      body.length > 0 && {
        requestBody: {
          required: requiredInBody.length > 0,
          content: { 'application/json': { schema, ...(definition.example && { example: definition.example }) } },
        },
      }),
    responses: responsesOf(route, schemas),
  };
}

function responsesOf(route: Route, schemas: Schemas): Record<string, unknown> {
  const output = referenced(route.output, 'output', schemas);
  const done =
    route.type === 'subscription'
      ? {
          description: 'Server-sent events, whose data is JSON of x-item-schema.',
          content: { 'text/event-stream': { schema: { type: 'string' }, 'x-item-schema': output } },
        }
      : { description: 'Done.', content: { 'application/json': { schema: output } } };
  const refusals = refusalsOf(route).map(({ reason, when }) => {
    const shared = `#/components/responses/${reason}`;
    return [
      String(reasonTable[reason].status),
      when ? { $ref: shared, description: `${reason}: ${when}` } : { $ref: shared },
    ];
  });
  const hasBody = route.method !== 'GET' && route.method !== 'DELETE';
  return {
    [route.definition.status ?? 200]: done,
    ...Object.fromEntries(refusals),
    ...(hasBody && { '415': { $ref: '#/components/responses/wrong_media_type' } }),
    '431': { $ref: '#/components/responses/long_head' },
  };
}
