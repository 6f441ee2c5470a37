import { z } from 'zod';
import { type Route, routesOf } from './routes.ts';
import { snakeCase } from './wire-names.ts';

/** The OpenAPI 3.1 document of the REST routes, from the contracts themselves. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, unknown> = { Json: { description: 'Any JSON.' } };
  for (const route of routesOf()) {
    for (const below of [route.meta.rest.path, ...(route.meta.rest.alsoPaths ?? [])]) {
      const path = `/api${below}`;
      paths[path] = { ...paths[path], [route.meta.rest.method.toLowerCase()]: operation(route, below, schemas) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Topology Nexus', version },
    security: [{ bearer: [] }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } }, schemas },
  };
}

/** The schema of what travels by REST. A tree of conditions refers to itself, and so goes to `schemas` by its name. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, unknown>) {
  const {
    $schema: _,
    $defs,
    ...whole
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
    metadata: z.registry(),
    override({ zodSchema, jsonSchema: json }) {
      if (zodSchema._zod.def.type === 'date') Object.assign(json, { type: 'string', format: 'date-time' });
      if (zodSchema._zod.def.type === 'object' && json.properties) {
        json.properties = Object.fromEntries(Object.entries(json.properties).map(([k, v]) => [snakeCase(k), v]));
        if (json.required) json.required = json.required.map(snakeCase);
      }
      const { id, conditionOfTree, description } = z.globalRegistry.get(zodSchema) ?? {};
      if (!id || !(conditionOfTree instanceof z.ZodType)) return;
      const tree = { $ref: `#/components/schemas/${id}` };
      schemas[id] ??= { description, anyOf: [...joinsOf(tree), jsonSchema(conditionOfTree, io, schemas)] };
      Object.assign(json, tree);
    },
  });
  if (!$defs) return whole;
  // Free JSON is the only other contract that refers to itself.
  const text = JSON.stringify(whole).replace(/#\/\$defs\/\w+/g, '#/components/schemas/Json');
  return z.custom<typeof whole>().parse(JSON.parse(text));
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

function operation(route: Route, path: string, schemas: Record<string, unknown>): Record<string, unknown> {
  const { rest, does } = route.meta;
  const input = jsonSchema(route.input, 'input', schemas);
  const output = jsonSchema(route.output, 'output', schemas);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const properties = Object.entries(input.properties ?? {});
  const rest_ = properties.filter(([name]) => !inPath.includes(name));
  const isQuery = rest.method === 'GET' || rest.method === 'DELETE';
  const parameters = properties
    .filter(([name]) => isQuery || inPath.includes(name))
    .map(([name, schema]) => ({
      name,
      in: inPath.includes(name) ? 'path' : 'query',
      required: inPath.includes(name) || (input.required?.includes(name) ?? false),
      schema,
    }));
  const content = {
    type: 'object',
    properties: Object.fromEntries(rest_),
    required: input.required?.filter((n) => !inPath.includes(n)),
  };
  return {
    // One path is the operation's own; an operationId must be unique in the document.
    ...(path === rest.path && { operationId: route.procedure }),
    tags: [route.procedure.split('.')[0]],
    summary: does,
    parameters,
    ...(!isQuery && { requestBody: { required: true, content: { 'application/json': { schema: content } } } }),
    responses: {
      [rest.status ?? 200]:
        route.type === 'subscription'
          ? { description: 'Server-sent events.', content: { 'text/event-stream': { itemSchema: output } } }
          : { description: 'Done.', content: { 'application/json': { schema: output } } },
      default: {
        description: 'An RFC 9457 problem.',
        content: { 'application/problem+json': { schema: { type: 'object' } } },
      },
    },
  };
}
