import { callTRPCProcedure } from '@trpc/server';
import { Hono, type Context as HonoContext } from 'hono';
import { z } from 'zod';
import { invalidInput, NexusError } from '../errors.ts';
import type { Context } from './context.ts';
import { reasonTable, toNexusError } from './error-mapping.ts';
import { appRouter } from './router.ts';
import { type Route, routesOf } from './routes.ts';
import { renamed, snakeCase, unwrap } from './wire-names.ts';

const JsonObject = z.record(z.string(), z.unknown());

/** The procedures as plain REST below `/api`: snake_case names, 201 for what was made, RFC 9457 problems. */
export function restOf(contextOf: (request: Request) => Promise<Context>): Hono {
  const app = new Hono();
  const allowed = new Map<string, Set<string>>();
  for (const { route, path: given } of inOrder(routesOf())) {
    const path = given.replace(/\{(\w+)\}/g, ':$1');
    allowed.set(path, (allowed.get(path) ?? new Set()).add(route.meta.rest.method));
    app.on(route.meta.rest.method, path, async (c) => {
      const context = await contextOf(c.req.raw);
      try {
        return await answer(c, route, context);
      } catch (error) {
        return problem(toNexusError(error), context.requestId);
      }
    });
  }
  for (const [path, methods] of allowed) {
    const allow = [...methods].sort().join(', ');
    app.all(path, () => {
      const error = new NexusError('invalid_input', `This path takes ${allow} only.`);
      return problem(error, undefined, 405, { allow });
    });
  }
  app.all('*', (c) =>
    problem(
      new NexusError('not_found', `There is no ${c.req.method} ${c.req.path}; the reference is at /docs.`),
      undefined,
    ),
  );
  return app;
}

/** Every path of every route, those with fewer parameters first: /users/me before /users/{id}. */
function inOrder(routes: readonly Route[]): { route: Route; path: string }[] {
  return routes
    .flatMap((route) => [route.meta.rest.path, ...(route.meta.rest.alsoPaths ?? [])].map((path) => ({ route, path })))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length);
}

async function answer(c: HonoContext, route: Route, ctx: Context): Promise<Response> {
  const { rest } = route.meta;
  const raw: Record<string, unknown> = {
    ...(rest.method === 'GET' || rest.method === 'DELETE' ? queryOf(c, route) : await bodyOf(c)),
    ...c.req.param(),
  };
  const input = renamed(route.input, raw, 'input', rest.names);
  const result: unknown = await callTRPCProcedure({
    router: appRouter,
    path: route.procedure,
    getRawInput: async () => input,
    ctx,
    type: route.type,
    signal: c.req.raw.signal,
    batchIndex: 0,
  });
  return Response.json(renamed(route.output, result, 'output'), {
    status: rest.status ?? 200,
    headers: { 'x-request-id': ctx.requestId },
  });
}

async function bodyOf(c: HonoContext): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalidInput(
      'body',
      'The body is not JSON; send an object with the header "Content-Type: application/json".',
    );
  }
  const parsed = JsonObject.safeParse(body);
  if (!parsed.success) throw invalidInput('body', 'The body must be a JSON object.');
  return parsed.data;
}

/** Query text as the schema's kind of value; what does not fit stays text, for the contract to refuse by its name. */
function queryOf(c: HonoContext, route: Route): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, all] of Object.entries(c.req.queries())) {
    const [field] = Object.entries(route.input.shape).filter(
      ([key]) => (route.meta.rest.names?.[key] ?? snakeCase(key)) === name,
    );
    const schema = field?.[1];
    const inner = schema instanceof z.ZodType ? unwrap(schema) : undefined;
    const last = all.at(-1) ?? '';
    if (inner instanceof z.ZodNumber && last.trim() !== '' && Number.isFinite(Number(last)))
      values[name] = Number(last);
    else if (inner instanceof z.ZodBoolean && (last === 'true' || last === 'false')) values[name] = last === 'true';
    else values[name] = inner instanceof z.ZodArray ? all : last;
  }
  return values;
}

/** RFC 9457. `field` and `issues` are in the details of an `invalid_input`. */
export function problem(
  error: NexusError,
  requestId: string | undefined,
  status: number = reasonTable[error.reason].status,
  headers: Record<string, string> = {},
): Response {
  const body = {
    type: 'about:blank',
    title: error.reason,
    status,
    detail: error.message,
    ...(Object.keys(error.details).length > 0 && { details: error.details }),
    ...(requestId && { request_id: requestId }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(requestId && { 'x-request-id': requestId }),
      ...headers,
    },
  });
}
