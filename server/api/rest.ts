import { callTRPCProcedure } from '@trpc/server';
import { Hono, type Context as HonoContext } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { invalidInput, NexusError } from '../errors.ts';
import { boundedJson } from './bounded-json.ts';
import type { Context } from './context.ts';
import { reasonTable, toNexusError } from './error-mapping.ts';
import { retryAfter } from './limits.ts';
import { appRouter } from './router.ts';
import { type Route, routesOf } from './routes.ts';
import { inWireNames, renamed, snakeCase, unwrap, wireNamesOf } from './wire-names.ts';

const JsonObject = z.record(z.string(), z.unknown());

/** The procedures as plain REST below `/api`: snake_case names, 201 for what was made, RFC 9457 problems. */
export function restOf(contextOf: (c: HonoContext) => Promise<Context>): Hono {
  const app = new Hono();
  const allowed = new Map<string, Set<string>>();
  for (const { route, path: given } of inOrder(routesOf())) {
    const path = given.replace(/\{(\w+)\}/g, ':$1');
    const names = new Map([...wireNamesOf(route.output), ...wireNamesOf(route.input, route.meta.rest.names)]);
    const methods = allowed.get(path) ?? new Set(['OPTIONS']);
    allowed.set(path, methods.add(route.meta.rest.method));
    if (route.meta.rest.method === 'GET') methods.add('HEAD');
    app.on(route.meta.rest.method, path, async (c) => {
      let requestId: string | undefined;
      try {
        const context = await contextOf(c);
        requestId = context.requestId;
        const refused = await wrongMediaType(c, route);
        if (refused) return problem(refused, requestId, 415);
        return await answer(c, route, context);
      } catch (error) {
        return problem(withWireNames(toNexusError(error), names), requestId);
      }
    });
  }
  for (const [path, methods] of allowed) {
    const allow = [...methods].sort().join(', ');
    app.options(path, () => new Response(null, { status: 204, headers: { allow } }));
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
  const given = hasBody(route) ? await bodyOf(c) : queryOf(c, route);
  const inPath = pathOf(c, route);
  for (const [name, value] of Object.entries(inPath)) {
    if (!Object.hasOwn(given, name) || String(given[name]) === String(value)) continue;
    throw invalidInput(name, `${name} is ${JSON.stringify(value)} in the path; leave it out elsewhere.`);
  }
  const raw: Record<string, unknown> = { ...given, ...inPath };
  if (route.type === 'subscription') raw.last_event_id = c.req.header('last-event-id') ?? raw.last_event_id;
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
  if (route.type === 'subscription') return eventsOf(c, route, result, ctx);
  return Response.json(renamed(route.output, result, 'output'), {
    status: rest.status ?? 200,
    headers: { 'x-request-id': ctx.requestId },
  });
}

const Events = z.custom<AsyncIterable<unknown>>((value) => isAsyncIterable(value));
const isAsyncIterable = (value: unknown) =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, Symbol.asyncIterator) === 'function';
const Tracked = z.tuple([z.string(), z.unknown()]).rest(z.unknown());
const keepAliveMs = 15_000;

/**
 * A subscription as server-sent events: `id` to come back with (`Last-Event-ID`) and the item as JSON in `data`; an event
 * `end` where there will be no more, an event `problem` where it failed.
 */
function eventsOf(c: HonoContext, route: Route, result: unknown, ctx: Context): Response {
  c.header('x-request-id', ctx.requestId);
  return streamSSE(c, async (stream) => {
    const keepAlive = setInterval(() => void stream.write(': \n\n'), keepAliveMs);
    try {
      for await (const one of Events.parse(result)) {
        if (stream.aborted) return;
        const [id, item] = Tracked.parse(one);
        await stream.writeSSE({ id, data: JSON.stringify(renamed(route.output, item, 'output')) });
      }
      await stream.writeSSE({ event: 'end', data: '{}' });
    } catch (error) {
      const nexus = toNexusError(error);
      if (nexus.reason === 'internal') ctx.stores.log.error({ requestId: ctx.requestId, err: error }, 'failed');
      await stream.writeSSE({ event: 'problem', data: JSON.stringify(problemBody(nexus, ctx.requestId)) });
    } finally {
      clearInterval(keepAlive);
    }
  });
}

const hasBody = ({ meta: { rest } }: Route) => rest.method !== 'GET' && rest.method !== 'DELETE';

/** Why a body is not read: it says that it is something else than JSON. One that says nothing is taken for JSON. */
async function wrongMediaType(c: HonoContext, route: Route): Promise<NexusError | undefined> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (!hasBody(route) || !mediaType || /^application\/(?:[\w.+-]+\+)?json$/.test(mediaType)) return undefined;
  if ((await c.req.text()) === '') return undefined;
  const message = `The body is ${mediaType}; send JSON, with the header "Content-Type: application/json".`;
  return invalidInput('body', message, { value: mediaType });
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
  const parsed = JsonObject.safeParse(boundedJson(body));
  if (!parsed.success) throw invalidInput('body', 'The body must be a JSON object.');
  return parsed.data;
}

/** Query text as the schema's kind of value; what does not fit stays text, for the contract to refuse by its name. */
function queryOf(c: HonoContext, route: Route): Record<string, unknown> {
  const queries = Object.entries(c.req.queries());
  return Object.fromEntries(queries.map(([name, all]) => [name, fromText(route, name, all)]));
}

/** As `queryOf`, of the path. */
function pathOf(c: HonoContext, route: Route): Record<string, unknown> {
  return Object.fromEntries(Object.entries(c.req.param()).map(([name, text]) => [name, fromText(route, name, [text])]));
}

function fromText(route: Route, name: string, all: readonly string[]): unknown {
  const [field] = Object.entries(route.input.shape).filter(
    ([key]) => (route.meta.rest.names?.[key] ?? snakeCase(key)) === name,
  );
  const schema = field?.[1];
  const inner = schema instanceof z.ZodType ? unwrap(schema) : undefined;
  const [text = '', ...others] = all;
  if (!inner) return text;
  if (inner instanceof z.ZodArray) return text === '' && others.length === 0 ? [] : all;
  if (others.length > 0) throw invalidInput(name, `${name} is given ${all.length} times: give it once.`);
  if (inner instanceof z.ZodNumber && numberText.test(text)) return Number(text);
  if (inner instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true';
  if (text.startsWith('{') && !(inner instanceof z.ZodString)) return fromJson(name, text);
  return text;
}

/** A number as JSON writes it, which says nothing of spaces and of 0x10. */
const numberText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** An object, such as a tree of conditions, stands in a query as JSON. */
function fromJson(name: string, text: string): unknown {
  try {
    return boundedJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof NexusError) throw error;
    throw invalidInput(name, `${name} is no JSON; write an object such as {"tag":"baseline"}, percent-encoded.`);
  }
}

const Refused = z.looseObject({
  field: z.string(),
  issues: z.array(z.looseObject({ field: z.string(), problem: z.string() })).optional(),
});

/** What the contract refused, by the names under which the caller gave it. */
function withWireNames(error: NexusError, names: ReadonlyMap<string, string>): NexusError {
  const refused = Refused.safeParse(error.details);
  if (!refused.success) return error;
  const { field, issues, ...others } = refused.data;
  const named = (text: string) => inWireNames(text, names);
  return new NexusError(error.reason, named(error.message), {
    cause: error.cause,
    details: {
      ...others,
      field: named(field),
      ...(issues && {
        issues: issues.map((issue) => ({ ...issue, field: named(issue.field), problem: named(issue.problem) })),
      }),
    },
  });
}

/** RFC 9457. `field` and `issues` are in the details of an `invalid_input`. */
export function problem(
  error: NexusError,
  requestId: string | undefined,
  status: number = reasonTable[error.reason].status,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(problemBody(error, requestId, status)), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(requestId && { 'x-request-id': requestId }),
      ...retryAfter(error),
      ...headers,
    },
  });
}

export function problemBody(
  error: NexusError,
  requestId: string | undefined,
  status: number = reasonTable[error.reason].status,
): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: error.reason,
    status,
    detail: error.message,
    ...(Object.keys(error.details).length > 0 && { details: error.details }),
    ...(requestId && { request_id: requestId }),
  };
}
