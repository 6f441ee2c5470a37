import { z } from 'zod';
import { type Route, routesOf } from './routes.ts';
import { snakeCase } from './wire-names.ts';

/** The OpenAPI 3.1 document of the REST routes, from the contracts themselves. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routesOf()) {
    for (const below of [route.meta.rest.path, ...(route.meta.rest.alsoPaths ?? [])]) {
      const path = `/api${below}`;
      paths[path] = { ...paths[path], [route.meta.rest.method.toLowerCase()]: operation(route, below) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Topology Nexus', version },
    security: [{ bearer: [] }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, {
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
    },
  });

function operation(route: Route, path: string): Record<string, unknown> {
  const { rest, does } = route.meta;
  const { $schema: _, ...input } = jsonSchema(route.input, 'input');
  const { $schema: __, ...output } = jsonSchema(route.output, 'output');
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
